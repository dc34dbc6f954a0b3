import assert from "node:assert/strict";
import { test } from "node:test";
import { say } from "../src/atlas.ts";
import { ar } from "../src/i18n/ar.ts";
import type { Catalogue, Plural } from "../src/i18n/catalogue.ts";
import { en } from "../src/i18n/en.ts";
import { more } from "../src/i18n/more.ts";
import { endonym, localeOf, Words } from "../src/words.ts";

const catalogues: Record<string, Catalogue> = { ar, en };
const placeholders = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();

test("both catalogues say the same things", () => {
  assert.deepEqual(Object.keys(ar), Object.keys(en));
  for (const key of Object.keys(en) as (keyof Catalogue)[]) {
    assert.equal(typeof ar[key], typeof en[key], key);
    if (typeof en[key] !== "string") continue;
    assert.ok((ar[key] as string).trim() && (en[key] as string).trim(), key);
    assert.deepEqual(placeholders(ar[key] as string), placeholders(en[key] as string), key);
  }
});

test("counts have every form that their language needs", () => {
  for (const [lang, catalogue] of Object.entries(catalogues)) {
    const forms = new Intl.PluralRules(localeOf(lang)).resolvedOptions().pluralCategories.sort();
    for (const [key, value] of Object.entries(catalogue)) {
      if (typeof value === "string") continue;
      assert.deepEqual(Object.keys(value as Plural).sort(), forms, `${lang}: ${key}`);
      for (const form of ["other", "many", "few"] as const) {
        const text: string | undefined = (value as Plural)[form];
        if (text !== undefined) assert.deepEqual(placeholders(text), ["n"], `${lang}: ${key}.${form}`);
      }
    }
  }
  assert.equal(new Intl.PluralRules("ar").resolvedOptions().pluralCategories.length, 6);
});

test("Arabic counts read as Arabic does", () => {
  const words = new Words("ar");
  const said = [0, 1, 2, 3, 10, 11, 99, 100, 102, 103, 1000].map((n) => words.n("features", n));
  assert.deepEqual(said, [
    "لا عناصر",
    "عنصر واحد",
    "عنصران",
    "3 عناصر",
    "10 عناصر",
    "11 عنصرًا",
    "99 عنصرًا",
    "100 عنصر",
    "102 عنصر",
    "103 عناصر",
    "1,000 عنصر",
  ]);
});

test("direction and words follow the language; a language without words gets English ones", () => {
  assert.deepEqual([new Words("ar").dir, new Words("en").dir, new Words("fa").dir], ["rtl", "ltr", "rtl"]);
  assert.equal(new Words("fr").language, "en");
  assert.equal(new Words("ar-IQ").language, "ar");
  assert.equal(new Words("fr").t("layers"), en.layers);
  assert.equal(new Words("en").t("anyTime", { time: "2015" }), "at any time in 2015");
});

test("numbers, units and lists are in the reader's language, with the digits of the links", () => {
  assert.equal(new Words("en").number(95400), "95,400");
  assert.equal(new Words("ar").number(95400), "95,400");
  assert.equal(new Words("en").quantity(5000, "m"), "5 km");
  assert.equal(new Words("ar").quantity(5000, "m"), "5 كيلومترات");
  assert.equal(new Words("en").quantity(12, "dunam"), "12 dunam");
  assert.equal(new Words("en").quantity(1234.5, "km²"), "1,234.5 km²");
  assert.equal(new Words("ar").list(["أ", "ب"]), "أ وب");
  assert.equal(new Words("ar").commas(["أ", "ب"]), "أ، ب");
  assert.deepEqual([endonym("ar"), endonym("en")], ["العربية", "English"]);
});

test("a text is said in the reader's language, else in the first there is", () => {
  assert.deepEqual(say({ en: "a", ar: "ب" }, "ar"), { text: "ب", lang: "ar" });
  assert.deepEqual(say({ en: "a" }, "ar"), { text: "a", lang: "en" });
  assert.deepEqual(say({ "": "plain" }, "ar"), { text: "plain", lang: "" });
  assert.deepEqual(say(undefined, "ar"), { text: "", lang: "ar" });
});

test("the words that come later are as complete", () => {
  const later = more as unknown as Record<"ar" | "en", Record<string, string | Plural>>;
  assert.deepEqual(Object.keys(later.ar).sort(), Object.keys(later.en).sort());
  for (const lang of ["ar", "en"] as const) {
    const forms = new Intl.PluralRules(localeOf(lang)).resolvedOptions().pluralCategories.sort();
    for (const [key, value] of Object.entries(later[lang])) {
      const other = later[lang === "ar" ? "en" : "ar"][key];
      if (typeof value === "string") assert.deepEqual(placeholders(value), placeholders(other as string), key);
      else assert.deepEqual(Object.keys(value).sort(), forms, `${lang}: ${key}`);
    }
  }
});
