import assert from "node:assert/strict";
import { test } from "node:test";
import { reference, sourceKey, sourcesIn } from "../src/reference.ts";

test("publisher and date are said once", () => {
  const xinhua = { title: "Xinhua 4 Aug 2016", publisher: "Xinhua", date: "2016-08-04" };
  assert.deepEqual(reference(xinhua, "en"), { title: "Xinhua, 4 August 2016", origin: "" });
  assert.deepEqual(reference(xinhua, "ar", "، "), { title: "Xinhua، 4 آب 2016", origin: "" });
  const cases: [string, string | undefined, string | undefined, string, string][] = [
    ["AFP 4-5 Jan 2014", "Agence France-Presse", "2014-01-04/2014-01-05", "Agence France-Presse, 4–5 January 2014", ""],
    ["Straits Times 19 Nov 2017", "The Straits Times", "2017-11-19", "The Straits Times, 19 November 2017", ""],
    ["ISW Jul 2016", "Institute for the Study of War", "2016-07", "Institute for the Study of War, July 2016", ""],
    ["Washington Post 3 Jan", "The Washington Post", undefined, "The Washington Post, 3 Jan", ""],
    ["Third Battle of Fallujah", "Wikipedia", undefined, "Third Battle of Fallujah", "Wikipedia"],
    ["War in Iraq (2013–2017)", "Wikipedia", "2019", "War in Iraq (2013–2017)", "Wikipedia, 2019"],
    ["BBC News: Mosul falls", "BBC News", "2014-06-10", "BBC News: Mosul falls", "10 June 2014"],
    ["How it fell, 10 June 2014", "Times", "2014-06-10", "How it fell, 10 June 2014", "Times"],
    ["A book", undefined, "somewhen", "A book", "somewhen"],
    ["", "Reuters", "2015", "Reuters, 2015", ""],
  ];
  for (const [title, publisher, date, want, origin] of cases) {
    assert.deepEqual(reference({ title, publisher, date }, "en"), { title: want, origin }, title);
  }
  assert.deepEqual(reference({ url: "https://example.org/a" }, "en"), { title: "https://example.org/a", origin: "" });
});

test("a list of sources is read as it comes", () => {
  assert.deepEqual(sourcesIn(["A book", { title: "B" }, null, 3]), [{ title: "A book" }, { title: "B" }]);
  assert.deepEqual(sourcesIn("A book"), []);
  assert.equal(sourceKey({ title: "B", verified: true }), sourceKey({ title: "B", verified: false }));
});
