/** The page's words in the reader's language: catalogue, numbers, plurals, direction. */

import { ar } from "./i18n/ar.ts";
import type { Catalogue, CountKey, Plural, TextKey } from "./i18n/catalogue.ts";
import { en } from "./i18n/en.ts";

export type Params = Readonly<Record<string, string>>;

const catalogues: Readonly<Record<string, Catalogue>> = { ar, en };

/** The words of a part of the page that is loaded when first needed, in the page's languages. */
export type Late<K extends string> = Readonly<Record<"ar" | "en", Readonly<Record<K, string | Plural>>>>;

/** Languages of atlases that are written from right to left, whether or not the page has their words. */
const rtlLanguages = new Set(["ar", "arc", "ckb", "dv", "fa", "he", "ks", "nqo", "ps", "sd", "syr", "ug", "ur", "yi"]);

/** Units that sidecars may name, as Intl knows them. */
const units: Readonly<Record<string, string>> = {
  m: "meter",
  km: "kilometer",
  "%": "percent",
  y: "year",
  d: "day",
};

export class Words {
  /** The page's language: the reader's, or en where the page has no words in it. */
  readonly language: string;
  readonly dir: "ltr" | "rtl";
  private readonly catalogue: Catalogue;
  private readonly numbers: Intl.NumberFormat;
  private readonly plurals: Intl.PluralRules;

  /** lang is the language of the content: a BCP 47 tag. */
  constructor(readonly lang: string) {
    const base = lang.split("-")[0];
    this.language = base in catalogues ? base : "en";
    this.catalogue = catalogues[this.language];
    this.dir = rtlLanguages.has(base) ? "rtl" : "ltr";
    const locale = localeOf(this.language);
    this.numbers = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
    this.plurals = new Intl.PluralRules(locale);
  }

  /** t says a text, with what stands in braces put in. */
  t(key: TextKey, params: Params = {}): string {
    return fill(this.catalogue[key], params);
  }

  /** n says a count in its plural form; {n} becomes the number. */
  n(key: CountKey, count: number, params: Params = {}): string {
    const forms = this.catalogue[key];
    return fill(forms[this.plurals.select(count)] ?? forms.other, { n: this.number(count), ...params });
  }

  /** late says a text of a part that was loaded later; a count takes its plural form, and {n} becomes the number. */
  late<K extends string>(catalogue: Late<K>, key: K, params: Params = {}, count = 0): string {
    const text = catalogue[this.language as keyof Late<K>][key];
    if (typeof text === "string") return fill(text, params);
    return fill(text[this.plurals.select(count)] ?? text.other, { n: this.number(count), ...params });
  }

  number(value: number): string {
    return this.numbers.format(value);
  }

  /** quantity writes a number with its unit, in words where Intl knows the unit. */
  quantity(value: number, unit: string): string {
    const known = units[unit];
    if (!known) return `${this.number(value)} ${unit === "km²" && this.language === "ar" ? "كم²" : unit}`;
    const [amount, name] = unit === "m" && value >= 1000 ? [value / 1000, "kilometer"] : [value, known];
    return new Intl.NumberFormat(localeOf(this.language), {
      style: "unit",
      unit: name,
      unitDisplay: this.language === "ar" ? "long" : "short",
      maximumFractionDigits: 1,
    }).format(amount);
  }

  /** moment writes a day and an hour, of the reader's own clock. */
  moment(at: Date): string {
    return new Intl.DateTimeFormat(localeOf(this.language), { dateStyle: "long", timeStyle: "short" }).format(at);
  }

  /** quoted puts a text in the language's quotation marks. */
  quoted(text: string): string {
    return this.language === "ar" ? `«${text}»` : `“${text}”`;
  }

  /** commas joins texts by the language's comma alone. */
  commas(items: readonly string[]): string {
    return items.join(this.language === "ar" ? "، " : ", ");
  }

  /** list joins texts as the language joins them. */
  list(items: readonly string[]): string {
    return new Intl.ListFormat(localeOf(this.language), { style: "long", type: "unit" }).format(items);
  }
}

/** localeOf gives Arabic Iraq's month names (حزيران) and the digits 0-9, which dates in links have too. */
export function localeOf(language: string): string {
  return language === "ar" ? "ar-IQ-u-nu-latn" : language === "en" ? "en-GB" : language;
}

/** endonym is a language's name in itself. */
export function endonym(lang: string): string {
  const name = new Intl.DisplayNames([lang], { type: "language" }).of(lang) ?? lang;
  return name.charAt(0).toLocaleUpperCase(lang) + name.slice(1);
}

function fill(text: string, params: Params): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => params[name] ?? whole);
}
