import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { test } from "node:test";
import type { Late } from "../src/words.ts";
import { localeOf } from "../src/words.ts";

const folder = new URL("../src/i18n/", import.meta.url);
const placeholders = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();

test("the words of parts that are loaded later are complete in both languages", async () => {
  let found = 0;
  for (const name of await readdir(folder)) {
    if (["ar.ts", "en.ts", "catalogue.ts"].includes(name)) continue;
    const parts = Object.entries(await import(new URL(name, folder).href)) as [string, Late<string>][];
    for (const [part, { ar, en }] of parts) {
      found++;
      assert.deepEqual(Object.keys(ar).sort(), Object.keys(en).sort(), part);
      for (const [lang, texts] of Object.entries({ ar, en })) {
        const forms = new Intl.PluralRules(localeOf(lang)).resolvedOptions().pluralCategories.sort();
        for (const [key, text] of Object.entries(texts)) {
          const where = `${part}.${lang}.${key}`;
          if (typeof text !== "string") assert.deepEqual(Object.keys(text).sort(), forms, where);
          else {
            assert.ok(text.trim(), where);
            assert.deepEqual(placeholders(text), placeholders(en[key] as string), where);
          }
        }
      }
    }
  }
  assert.ok(found > 0);
});
