import assert from "node:assert/strict";
import { test } from "node:test";
import { cite, embedCode, type Work } from "../src/cite.ts";
import { Words } from "../src/words.ts";

const work: Work = {
  title: "Salt & 50% of {it}",
  whole: "The inner sea",
  author: "Our archive",
  url: "https://example.org/collections/towns/items/a_b",
  revision: "abcdef12",
  licence: "CC BY 4.0",
  accessed: "2026-11-23",
};

test("a citation for people is in their language", () => {
  assert.equal(
    cite(work, "plain", new Words("en")),
    "“Salt & 50% of {it}”, in: The inner sea, Our archive, revision abcdef12, CC BY 4.0, " +
      "https://example.org/collections/towns/items/a_b (accessed 23 November 2026)",
  );
  assert.match(cite(work, "plain", new Words("ar")), /^«Salt & 50% of \{it\}»، في: .*تشرين الثاني 2026\)$/);
});

test("citations for programs are escaped as they need it", () => {
  const bibtex = cite(work, "bibtex", new Words("en"));
  assert.match(bibtex, /^@incollection\{a_?b-abcdef,\n/);
  assert.ok(bibtex.includes("title = {Salt \\& 50\\% of \\{it\\}}"));
  assert.ok(bibtex.includes("url = {https://example.org/collections/towns/items/a_b}"));
  const ris = cite({ ...work, title: work.whole }, "ris", new Words("en")).split("\r\n");
  assert.deepEqual([ris[0], ris.at(-1)], ["TY  - MAP", "ER  - "]);
  assert.ok(ris.every((line) => /^[A-Z][A-Z0-9] {2}- /.test(line)));
});

test("the code that embeds can't be broken out of", () => {
  assert.ok(
    embedCode('https://example.org/#a="><b', 'A "b" <c>').startsWith(
      '<iframe src="https://example.org/#a=&quot;&gt;&lt;b" title="A &quot;b&quot; &lt;c&gt;"',
    ),
  );
});
