/**
 * Valid time on the page: the mirror of the Go package geo/period, tested on the same vectors.
 * Text is closed ("2014/2016" includes all of 2016), numbers are half-open; they meet here.
 */

/** Milliseconds since 1970-01-01T00:00:00Z in the proleptic Gregorian calendar. */
export type Instant = number;

/** [start, end); null is an open end. */
export interface Period {
  readonly start: Instant | null;
  readonly end: Instant | null;
}

/** All that a text covers, and what remains without its uncertain ends (null: never). */
export interface Valid {
  readonly possible: Period;
  readonly certain: Period | null;
}

/** Says what is wrong with a text, and where the date begins that is wrong (in UTF-16 units, from 0). */
export class ParseError extends Error {
  constructor(
    readonly input: string,
    readonly offset: number,
    readonly reason: string,
  ) {
    super(`date "${input}": ${reason} (at character ${offset + 1})`);
  }
}

/** The precision of a date: one of these, or the code (21 to 41) of a part of a year. */
const TIME = 1;
const DAY = 2;
const MONTH = 3;
const YEAR = 4;

const dayLength = 864e5;
const maxYear = 271000; // what a Date can hold, rounded down

/** What stands at one end of an interval, or alone. */
interface Span {
  readonly lo: number; // [lo, hi), infinite where open or unknown
  readonly hi: number;
  readonly open?: boolean; // ".."
  readonly vague?: boolean; // uncertain by what the text says
  readonly unit?: number; // dates only
  readonly last?: number; // where the last part begins that the date may name
  readonly about?: boolean; // ~ %
  readonly unsure?: boolean; // ? %
  readonly estimate?: number; // 1950S2: most likely this year
  readonly set?: readonly Pair[]; // oneOf and allOf
  readonly all?: boolean;
}

type Pair = readonly [Span, Span];

const open: Span = { lo: -Infinity, hi: Infinity, open: true };
const unknown: Span = { lo: -Infinity, hi: Infinity, vague: true };

const at = (y: number, m: number, d: number): Instant => new Date(0).setUTCFullYear(y, m - 1, d);

function civil(i: Instant): [y: number, m: number, d: number] {
  const t = new Date(i);
  return [t.getUTCFullYear(), t.getUTCMonth() + 1, t.getUTCDate()];
}

/** Where the part of size unit, TIME to YEAR, begins that lies n parts after the one with i in it. */
function step(unit: number, i: Instant, n = 0): Instant {
  const [y, m, d] = civil(i);
  if (unit === TIME) return i + n;
  if (unit === DAY) return at(y, m, d + n);
  return unit === MONTH ? at(y, m + n, 1) : at(y + n, 1, 1);
}

/** The first month and number of months of a part of a year; seasons are those of meteorology. */
function monthsOf(code: number): [first: number, n: number] {
  if (code < 33) return [3 + 3 * ((code < 29 ? code - 21 : code - 27) % 4), 3];
  if (code < 37) return [3 * code - 98, 3];
  return code < 40 ? [4 * code - 147, 4] : [6 * code - 239, 6];
}

// Groups: Y, sign, digits of the year, zeros, significant digits, month, day, hour, minute, second, fraction, offset.
const pattern =
  /^[?~%]?(Y?)(-?)([\dX]+)(?:E(\d+))?(?:S(\d+))?[?~%]?(?:-[?~%]?([\dX]{2})[?~%]?(?:-[?~%]?([\dX]{2})[?~%]?(?:[Tt](\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(?:[Zz]|([+-]\d\d)(?::(\d\d))?)?)?)?)?$/;

/** The numbers from lo to hi that can be written as digits, in which X is any. */
function matching(digits: string, lo: number, hi: number): number[] {
  const form = RegExp(`^${digits.replace(/X/g, ".")}$`);
  const all = [];
  for (let n = lo; n <= hi; n++) if (form.test(`${n}`.padStart(digits.length, "0"))) all.push(n);
  return all;
}

function parseDate(input: string, offset: number, text: string): Span {
  const check = (ok: unknown, reason = "a date is written 2014, 2014-06 or 2014-06-29"): void => {
    if (!ok) throw new ParseError(input, offset, reason);
  };
  const m = pattern.exec(text) ?? [];
  const [, long, minus, digits, zeros, keep, month, date, hour] = m;
  check(digits && (long ? !digits.includes("X") && (zeros || +digits > 9999) : digits.length === 4 && !zeros));
  let lo = +digits.replace(/X/g, "0");
  let hi = +digits.replace(/X/g, "9");
  if (zeros && lo) lo = hi = lo * 10 ** +zeros;
  check(!minus || hi, "0000 is 1 BCE");
  check(hi <= maxYear, `years are within ±${maxYear}`);
  if (minus) lo ||= 1;

  const about = /[~%]/.test(text);
  const unsure = /[?%]/.test(text);
  let estimate: number | undefined;
  if (keep) {
    check(lo === hi && +keep && !month);
    const width = 10 ** Math.max(0, `${lo}`.length - +keep);
    if (width > 1) {
      estimate = minus ? -lo : lo;
      lo -= lo % width;
      hi = Math.min(lo + width - 1, maxYear);
    }
  }
  const years = date ? (long ? [lo] : matching(digits, lo, hi)) : [];
  if (minus) [lo, hi] = [-hi, -lo];
  const span = (unit: number, lo: Instant, last: Instant, hi: Instant): Span => ({
    ...{ unit, lo, last, hi, about, unsure, estimate },
    vague: about || unsure || text.includes("X") || estimate !== undefined,
  });

  if (!month) return span(YEAR, at(lo, 1, 1), at(hi, 1, 1), at(hi + 1, 1, 1));
  if (+month > 20 && +month < 42) {
    check(!date, "a part of a year has no days");
    const [first, n] = monthsOf(+month);
    return span(+month, at(lo, first, 1), at(hi, first, 1), at(hi, first + n, 1));
  }
  const months = matching(month, 1, 12);
  check(months.length, "there is no such month");
  if (!date) {
    const end = Math.max(...months);
    return span(MONTH, at(lo, months[0], 1), at(hi, end, 1), at(hi, end + 1, 1));
  }

  const days = matching(date, 1, 31);
  const first = (years: number[]): Instant | undefined => {
    for (const y of years) {
      for (const m of months) {
        for (const d of days) {
          const i = at(minus ? -y : y, m, d);
          if (civil(i)[1] === m) return i;
        }
      }
    }
    return;
  };
  const noDay = "there is no such day";
  check(first([2000]) !== undefined, noDay); // not even in a leap year
  if (minus) years.reverse();
  const from = first(years);
  for (const list of [years, months, days]) list.reverse();
  const last = first(years);
  check(last !== undefined, noDay);
  const result = span(DAY, from as Instant, last as Instant, (last as Instant) + dayLength);
  if (!hour) return result;

  const [h, min, s, east, north] = [hour, m[9], m[10], m[12] ?? 0, m[13] ?? 0].map(Number);
  check(!result.vague, "a date with a time of day is exact");
  check(h < 24 && min < 60 && s < 61 && Math.abs(east) < 24 && north < 60, "there is no such time");
  const shift = east * 60 + (m[12]?.[0] === "-" ? -north : north);
  const t = result.lo + ((h * 60 + min - shift) * 60 + s) * 1e3 + +`${m[11] ?? ""}000`.slice(0, 3);
  check(s < 60 || t - step(DAY, t) < 1e3, "only 23:59 UTC can have a second 60");
  return span(TIME, t, t, t + 1);
}

function parseSpan(input: string, offset: number, text: string): Span {
  if (!text) return unknown;
  if (text === "..") return open;
  const bracket = text[0];
  if (bracket !== "[" && bracket !== "{") return parseDate(input, offset, text);
  if (!text.endsWith(bracket === "[" ? "]" : "}")) throw new ParseError(input, offset, "the set is not closed");
  let start = offset + 1;
  const set = text
    .slice(1, -1)
    .split(",")
    .map((member): Pair => {
      const cut = member.indexOf("..");
      const here = start;
      start += member.length + 1;
      const from = cut < 0 ? member : member.slice(0, cut);
      const to = member.slice(cut + 2);
      const a = cut < 0 || from || !to ? parseDate(input, here, from) : open;
      if (cut < 0) return [a, a];
      const b = to ? parseDate(input, here + cut + 2, to) : open;
      ordered(input, here + cut + 2, a, b);
      return [a, b];
    });
  return set.length < 2 && set[0][0] === set[0][1] ? set[0][0] : setOf(set, bracket === "{");
}

const setOf = (set: Pair[], all = false): Span => ({
  ...{ set, all, vague: true },
  lo: Math.min(...set.map(([a]) => a.lo)),
  hi: Math.max(...set.map(([, b]) => b.hi)),
});

function ordered(input: string, offset: number, a: Span, b: Span): void {
  if (a.lo >= b.hi) throw new ParseError(input, offset, "the end is before the start");
}

/** One date or set, or the two ends of an interval. */
function parseText(text: string): [Span, Span?] {
  const slash = text.indexOf("/");
  if (slash < 0) {
    if (!text || text === "..") throw new ParseError(text, 0, "no date");
    return [parseSpan(text, 0, text)];
  }
  const a = parseSpan(text, 0, text.slice(0, slash));
  const b = parseSpan(text, slash + 1, text.slice(slash + 1));
  if (text === "/") throw new ParseError(text, 0, "both ends are missing");
  return [a, b];
}

const period = (lo: number, hi: number): Period => ({
  start: lo > -Infinity ? lo : null,
  end: hi < Infinity ? hi : null,
});

/** The limits of what is certain from a to b. */
function certain(a: Span, b: Span, uncertain = false): [lo: number, hi: number] {
  const doubtful = (s: Span) => s.vague || (uncertain && (s.unit ?? 0) > DAY);
  return [doubtful(a) ? a.hi : a.lo, doubtful(b) ? b.lo : b.hi];
}

/** The longest run of members of a set without a gap; of equals the first. */
function run(set: readonly Pair[]): [number, number] {
  const parts = set
    .map(([a, b]) => certain(a, b))
    .filter(([lo, hi]) => lo < hi)
    .sort((a, b) => (a[0] < b[0] ? -1 : 1));
  let best: [number, number] = [0, 0];
  let now = best;
  for (const [lo, hi] of parts) {
    now = now !== best && lo <= now[1] ? [now[0], Math.max(now[1], hi)] : [lo, hi];
    if (now[1] - now[0] > best[1] - best[0]) best = [...now];
  }
  return best;
}

/**
 * Reads EDTF, levels 0 to 2, or RFC 3339: a date, an interval or a set. With ends "uncertain", an end
 * coarser than a day means some day in it. Throws ParseError.
 */
export function parseEdtf(text: string, ends: "whole" | "uncertain" = "whole"): Valid {
  const [a, b] = parseText(text);
  if (b) ordered(text, text.indexOf("/") + 1, a, b);
  let [lo, hi] = [a.lo, a.hi];
  if (b) [lo, hi] = certain(a, b, ends === "uncertain");
  else if (a.all) [lo, hi] = run(a.set as Pair[]);
  else if (a.vague) hi = lo;
  return { possible: period(a.lo, (b ?? a).hi), certain: lo < hi ? period(lo, hi) : null };
}

/** Whether two periods share an instant. */
export function intersects(a: Period, b: Period): boolean {
  return (a.start ?? -Infinity) < (b.end ?? Infinity) && (b.start ?? -Infinity) < (a.end ?? Infinity);
}

/** The UTC day in which i lies. */
export const day = (i: Instant): Period => period(step(DAY, i), step(DAY, i, 1));

/** A whole year; 0 is 1 BCE. */
export const year = (y: number): Period => period(at(y, 1, 1), at(y + 1, 1, 1));

/** A whole month, from 1. */
export const month = (y: number, m: number): Period => period(at(y, m, 1), at(y, m + 1, 1));

/** The ends of p as dates of the coarsest precision that tells them. */
function dates(p: Period): [unit: number, a: Span, b: Span] {
  const whole = (i: Instant | null) => i === null || step(unit, i) === i;
  let unit = YEAR;
  while (unit > TIME && !(whole(p.start) && whole(p.end))) unit--;
  const date = (lo: Instant): Span => ({ lo, hi: lo, last: lo, unit });
  return [unit, p.start === null ? open : date(p.start), p.end === null ? open : date(step(unit, p.end, -1))];
}

/** p for the `datetime` parameter: "2015", "2015-06", "2015-06-29" where it is one of these, else "a/b". */
export function toDatetime(p: Period): string {
  const [unit, a, b] = dates(p);
  const [from, to] = [a, b].map((s) => (s.open ? ".." : isoText(s.lo, unit)));
  return from === to && !a.open ? from : `${from}/${to}`;
}

function isoText(i: Instant, unit: number): string {
  const [y, m, d] = civil(i);
  const two = (n: number, separator = "-") => separator + `${n}`.padStart(2, "0");
  let text = Math.abs(y) > 9999 ? `Y${y}` : (y < 0 ? "-" : "") + `${Math.abs(y)}`.padStart(4, "0");
  if (unit < YEAR) text += two(m);
  if (unit < MONTH) text += two(d);
  return unit < DAY ? `${text}T${clock(i)}Z` : text;
}

/** 12:30:00, with milliseconds if there are any. */
const clock = (i: Instant): string => new Date(i).toISOString().slice(-13, -1).replace(".000", "");

// Text for people. In a form, @ and # stand for its parts.

const list = (text: string): string[] => text.split("|");

const english = {
  months: list("January|February|March|April|May|June|July|August|September|October|November|December"),
  seasons: list("spring|summer|autumn|winter"),
  ordinals: list("first|second|third|fourth|last"),
  bce: "@ BCE",
  ce: "@ CE",
  hour: "@",
  clock: "@, #",
  utc: "@ UTC",
  winter: "@–#",
  north: "@ (northern hemisphere)",
  south: "@ (southern hemisphere)",
  quarter: "@ quarter of #",
  third: "@ third of #",
  half: "@ half of #",
  about: "c. @",
  roughly: "@ (approximate)",
  unsure: "@ (uncertain)",
  estimate: "@ (#)",
  someMonth: "some month in @",
  someDate: "some day in @",
  someDay: "some day in @",
  noDate: "date unknown",
  aDate: "an unknown date",
  before: "before @",
  after: "after @",
  earlier: "@ or earlier",
  later: "@ or later",
  since: "since @",
  until: "until @",
  sometime: "some time @",
  between: "between @ and #",
  dash: "@–#",
  spaced: "@ – #",
  fromTo: "from @ to #",
  or: " or ",
  and: " and ",
  comma: ", ",
  noStart: "until @, start unknown",
  noEnd: "from @, end unknown",
  always: "at all times",
};

type Words = typeof english;

const arabic: Words = {
  months: list("كانون الثاني|شباط|آذار|نيسان|أيار|حزيران|تموز|آب|أيلول|تشرين الأول|تشرين الثاني|كانون الأول"),
  seasons: list("ربيع|صيف|خريف|شتاء"),
  ordinals: list("الأول|الثاني|الثالث|الرابع|الأخير"),
  bce: "@ ق.م",
  ce: "@ م",
  hour: "الساعة @",
  clock: "@، #",
  utc: "@ بالتوقيت العالمي",
  winter: "@/#",
  north: "@ (نصف الكرة الشمالي)",
  south: "@ (نصف الكرة الجنوبي)",
  quarter: "الربع @ من عام #",
  third: "الثلث @ من عام #",
  half: "النصف @ من عام #",
  about: "@ تقريبًا",
  roughly: "@ تقريبًا",
  unsure: "@ (غير مؤكد)",
  estimate: "@ (#)",
  someMonth: "شهر غير محدد من عام @",
  someDate: "يوم غير محدد من عام @",
  someDay: "يوم غير محدد من @",
  noDate: "تاريخ غير معروف",
  aDate: "تاريخ غير معروف",
  before: "قبل @",
  after: "بعد @",
  earlier: "@ أو قبل ذلك",
  later: "@ أو بعد ذلك",
  since: "منذ @",
  until: "حتى @",
  sometime: "وقت ما @",
  between: "بين @ و#",
  dash: "من @ إلى #",
  spaced: "من @ إلى #",
  fromTo: "من @ إلى #",
  or: " أو ",
  and: " و",
  comma: "",
  noStart: "حتى @، والبداية غير معروفة",
  noEnd: "من @، والنهاية غير معروفة",
  always: "في كل الأوقات",
};

const words = (lang: string): Words => (/^ar(-|$)/.test(lang) ? arabic : english);

const put = (form: string, a: string, b = ""): string => form.replace(/[@#]/g, (c) => (c === "@" ? a : b));

/** A year without its era, and the form of the era. */
function yearText(w: Words, y: number): [text: string, era: string] {
  const n = `${y < 1 ? 1 - y : y}`.replace(/(?<=\d{2})(?=\d{3}$)/, ",");
  return [n, y < 1 ? w.bce : y < 1000 || y > 9999 ? w.ce : "@"];
}

/** The date of precision unit that begins at i. */
function point(w: Words, i: Instant, unit: number): string {
  const [y, m, d] = civil(i);
  const [n, era] = yearText(w, y);
  const year = put(era, n);
  const month = `${w.months[m - 1]} ${year}`;
  if (unit === YEAR) return year;
  if (unit === MONTH) return month;
  if (unit === DAY) return `${d} ${month}`;
  if (unit === TIME) return put(w.utc, put(w.clock, point(w, i, DAY), hour(w, i)));
  if (unit > 32) {
    const [form, first] = unit < 37 ? [w.quarter, 33] : unit < 40 ? [w.third, 37] : [w.half, 40];
    return put(form, w.ordinals[unit === 39 ? 4 : unit - first], year);
  }
  const years = m === 12 ? put(w.winter, ...shared(w, i, at(y + 1, 1, 1), YEAR)) : year;
  const season = `${w.seasons[(unit - 21) % 4]} ${years}`;
  return unit > 24 ? put(unit > 28 ? w.south : w.north, season) : season;
}

/** The time of day of i, to the second if that is not 0. */
const hour = (w: Words, i: Instant): string => put(w.hour, clock(i).slice(0, 8).replace(/:00$/, ""));

/** Two dates of one precision, without saying twice what they share. */
function shared(w: Words, a: Instant, b: Instant, unit: number): [string, string] {
  const [ay, am, ad] = civil(a);
  const [by, bm] = civil(b);
  let [first, second] = [point(w, a, unit), point(w, b, unit)];
  if (unit === TIME) {
    first = put(w.clock, point(w, a, DAY), hour(w, a));
    if (step(DAY, a) === step(DAY, b)) second = put(w.utc, hour(w, b));
  }
  if (unit === YEAR && yearText(w, ay)[1] === yearText(w, by)[1]) [first] = yearText(w, ay);
  if (ay === by && unit === MONTH) first = w.months[am - 1];
  if (ay === by && unit === DAY) first = am === bm ? `${ad}` : `${ad} ${w.months[am - 1]}`;
  return [first, second];
}

/** How a text fits into a longer one: "June 2014", "some day in June 2014", "between June and August 2014". */
type Manner = 0 | 1 | 2;

const noDate = (s: Span): boolean =>
  !!s.vague && !s.set && (!s.unit || (s.lo === at(0, 1, 1) && s.hi === at(10000, 1, 1)));

const bounded = (s: Span): boolean => !s.vague && (s.unit ?? 0) >= DAY && (s.unit ?? 0) <= YEAR;

function spanText(w: Words, s: Span): [string, Manner] {
  if (s.set) return setText(w, s, s.set);
  if (noDate(s)) return [w.noDate, 1];
  const { lo, unit = 0, last = lo } = s;
  const fills = (part: number) => unit < part && step(part, lo) === lo && step(part, lo, 1) === s.hi;
  let text = point(w, lo, unit);
  let manner: Manner = 1;
  if (s.estimate !== undefined) {
    text = put(
      w.estimate,
      put(w.about, point(w, at(s.estimate, 1, 1), YEAR)),
      put(w.between, ...shared(w, lo, last, YEAR)),
    );
  } else if (lo === last) manner = 0;
  else if (fills(YEAR)) text = put(unit === MONTH ? w.someMonth : w.someDate, point(w, lo, YEAR));
  else if (fills(MONTH)) text = put(w.someDay, point(w, lo, MONTH));
  else {
    text = put(w.between, ...shared(w, lo, last, unit));
    manner = 2;
  }
  if (s.about) text = put(manner ? w.roughly : w.about, text);
  return [s.unsure ? put(w.unsure, text) : text, manner];
}

function setText(w: Words, s: Span, set: readonly Pair[]): [string, Manner] {
  const [[a, b]] = set;
  if (set.length < 2 && s.all) return [intervalText(w, a, b), 1];
  if (set.length < 2 && !a.open && !b.open) {
    const pair = !a.vague && !b.vague && a.unit === b.unit;
    const texts = pair ? shared(w, a.lo, b.lo, a.unit as number) : ([inside(w, a), inside(w, b)] as const);
    return [put(w.between, ...texts), 2];
  }
  const texts = set.map(([a, b]) => {
    if (a.open && bounded(b)) return put(w.before, point(w, step(b.unit as number, b.lo, 1), b.unit as number));
    if (b.open && bounded(a)) return put(w.after, point(w, step(a.unit as number, a.lo, -1), a.unit as number));
    if (a.open || b.open) return put(a.open ? w.earlier : w.later, inside(w, a.open ? b : a));
    return intervalText(w, a, b);
  });
  const end = w.comma && texts.length > 2 ? texts.pop() : undefined;
  const joint = s.all ? w.and : w.or;
  return [end ? texts.join(w.comma) + joint + end : texts.join(joint), 1];
}

/** s as a part of a longer text. */
function inside(w: Words, s: Span): string {
  if (noDate(s)) return w.aDate;
  const [text, manner] = spanText(w, s);
  return manner === 2 ? put(w.sometime, text) : text;
}

function intervalText(w: Words, a: Span, b: Span): string {
  if (a.open && b.open) return w.always;
  if (noDate(a) && noDate(b)) return w.noDate;
  if (b.open) return put(w.since, inside(w, a));
  if (a.open) return put(w.until, inside(w, b));
  if (noDate(a)) return put(w.noStart, inside(w, b));
  if (noDate(b)) return put(w.noEnd, inside(w, a));
  const [first, m] = spanText(w, a);
  const [second, n] = spanText(w, b);
  if (first === second) return first;
  if (m || n) return put(w.fromTo, inside(w, a), inside(w, b));
  if (a.vague || b.vague || a.unit !== b.unit) return put(w.spaced, first, second);
  const texts = shared(w, a.lo, b.lo, a.unit as number);
  return put(texts[0].includes(" ") ? w.spaced : w.dash, ...texts);
}

/** One of two texts: nothing means open, an interval that the end lies in it. */
function parseEnd(text: string): Span {
  if (!text || text === "..") return open;
  const [a, b] = parseText(text);
  if (!b) return a;
  ordered(text, text.indexOf("/") + 1, a, b);
  return setOf([[a, b]]);
}

/** How a layer reads the ends of its intervals; see the Go type of this name. */
export interface Ends {
  readonly uncertain?: boolean;
  readonly excluded?: boolean;
}

/** The end b as the last part of its size that is included. */
function included(b: Span, { uncertain, excluded }: Ends): Span {
  if (!excluded || !bounded(b) || (uncertain && b.unit !== DAY)) return b;
  const lo = step(b.unit as number, b.lo, -1);
  return { ...b, lo, last: lo };
}

/**
 * The time from start to end, each an EDTF text, empty for open, in the words of a language: "c. June 2014 –
 * 26 November 2017". The same text twice is read as one. What can't be read stands as it came.
 */
export function describe(start: string, end: string, lang: string, ends: Ends = {}): string {
  if (start === end && start !== "..") return describeText(start, lang, ends);
  try {
    return intervalText(words(lang), parseEnd(start), included(parseEnd(end), ends));
  } catch {
    return `${start} – ${end}`.replace(/^[ –]+|[ –]+$/g, "");
  }
}

/** One EDTF text, a date, interval or set, in the words of a language. */
export function describeText(text: string, lang: string, ends: Ends = {}): string {
  const w = words(lang);
  try {
    const [a, b] = parseText(text);
    return b ? intervalText(w, a, included(b, ends)) : spanText(w, a)[0];
  } catch {
    return text;
  }
}

/** A period in the words of a language: "2015", "June 2015", "1–15 June 2015". */
export function describePeriod(p: Period, lang: string): string {
  const [, a, b] = dates(p);
  return intervalText(words(lang), a, b);
}
