/** Where a claim comes from, and how to say it without saying anything twice. Pure. */

import { describeText } from "./instant.ts";

/** A source as the atlas's files have it. */
export interface Source {
  readonly title?: string;
  readonly publisher?: string;
  /** EDTF. */
  readonly date?: string;
  readonly url?: string;
  readonly verified?: boolean;
}

/** sourcesIn reads a property that lists sources; a bare text is a title. */
export function sourcesIn(value: unknown): Source[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((s): Source[] =>
    typeof s === "string" ? [{ title: s }] : s && typeof s === "object" ? [s] : [],
  );
}

/** sourceKey is the same for sources that are the same. */
export function sourceKey(s: Source): string {
  return JSON.stringify([s.url ?? "", s.title ?? "", s.publisher ?? "", s.date ?? ""]);
}

/** How a source is written: its title (a link, if it has an address), then where and when it appeared. */
export interface Reference {
  readonly title: string;
  readonly origin: string;
}

/**
 * reference leaves out what would be said twice: many a title is but "Xinhua 4 Aug 2016", which is the publisher and
 * the date again; then these, in the reader's language, are the title.
 */
export function reference(source: Source, language: string, comma = ", "): Reference {
  const { publisher = "" } = source;
  const title = source.title || "";
  const date = source.date ? dateText(source.date, language) : "";
  if (title === "") return { title: [publisher, date].filter(Boolean).join(comma) || source.url || "", origin: "" };
  const named = publisher === "" ? "" : namedIn(title, publisher);
  const rest = words(title.replace(named, " ")).filter((word) => !isDateWord(word));
  if (named !== "" && rest.length === 0) {
    const when = date || title.replace(named, "").trim();
    return { title: [publisher, when].filter(Boolean).join(comma), origin: "" };
  }
  const year = /\d{4}/.exec(source.date ?? "")?.[0];
  const dated = year !== undefined && title.includes(year) && words(title).filter(isDateWord).length > 1;
  return { title, origin: [named === "" ? publisher : "", dated ? "" : date].filter(Boolean).join(comma) };
}

function dateText(date: string, language: string): string {
  try {
    return describeText(date, language);
  } catch {
    return date; // no date that we can read: said as it stands
  }
}

/** namedIn finds the publisher in a title: its name, without an article, or its initials. "" if it is not there. */
function namedIn(title: string, publisher: string): string {
  const bare = publisher.replace(/^the\s+/i, "").trim();
  const initials = bare
    .split(/[\s-]+/)
    .filter((word) => /^\p{Lu}/u.test(word))
    .map((word) => word[0])
    .join("");
  const lower = title.toLowerCase();
  for (const name of [publisher, bare, bare.replace(/\s*\(.*\)$/, "")]) {
    const at = name === "" ? -1 : lower.indexOf(name.toLowerCase());
    if (at >= 0) return title.slice(at, at + name.length);
  }
  const known = initials.length > 1 ? new RegExp(`(?<!\\p{L})${initials}(?!\\p{L})`, "u").exec(title) : null;
  return known?.[0] ?? "";
}

const words = (text: string): string[] => text.split(/[^\p{L}\p{N}]+/u).filter(Boolean);

const months = /^(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*$/i;

const isDateWord = (word: string): boolean => /^\d{1,4}$/.test(word) || months.test(word) || /^the$/i.test(word);
