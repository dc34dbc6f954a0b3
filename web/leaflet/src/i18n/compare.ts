/** The words of comparing two times. */

import type { Late } from "../words.ts";

export type CompareKey =
  | "modes"
  | "swipe"
  | "side"
  | "difference"
  | "end"
  | "divider"
  | "dividerAt"
  | "moves"
  | "date"
  | "secondMap"
  | "gained"
  | "lost"
  | "kept"
  | "caption"
  | "layer"
  | "noAreas"
  | "failed"
  | "things"
  | "appeared"
  | "disappeared"
  | "grown"
  | "shrunk"
  | "moved"
  | "estimate"
  | "others";

export const compareWords: Late<CompareKey> = {
  en: {
    modes: "Compare two dates",
    swipe: "Swipe",
    side: "Side by side",
    difference: "Difference",
    end: "End comparing",
    divider: "Divider between {earlier} and {later}",
    dividerAt: "{share} of the map shows {earlier}",
    moves: "the time control moves this date",
    date: "{time}: choose this date for the time control",
    secondMap: "Map of the second date",
    gained: "Gained",
    lost: "Lost",
    kept: "Kept",
    caption: "From {earlier} to {later}",
    layer: "Layer",
    noAreas: "No layer that is on changes between these dates.",
    failed: "The difference could not be loaded.",
    things: "features",
    appeared: { one: "{n} appeared", other: "{n} appeared" },
    disappeared: { one: "{n} disappeared", other: "{n} disappeared" },
    grown: { one: "{n} grew", other: "{n} grew" },
    shrunk: { one: "{n} shrank", other: "{n} shrank" },
    moved: { one: "{n} changed", other: "{n} changed" },
    others: { one: "{n} other layer changed", other: "{n} other layers changed" },
    estimate: "Computed from all that possibly held at each date.",
  },
  ar: {
    modes: "مقارنة تاريخين",
    swipe: "بفاصل",
    side: "جنباً إلى جنب",
    difference: "الفرق",
    end: "إنهاء المقارنة",
    divider: "الفاصل بين {earlier} و{later}",
    dividerAt: "{share} من الخريطة يعرض {earlier}",
    moves: "شريط الزمن يحرّك هذا التاريخ",
    date: "{time}: اختيار هذا التاريخ لشريط الزمن",
    secondMap: "خريطة التاريخ الثاني",
    gained: "مكتسَب",
    lost: "مفقود",
    kept: "باقٍ",
    caption: "من {earlier} إلى {later}",
    layer: "الطبقة",
    noAreas: "لا تتغير أي طبقة معروضة بين هذين التاريخين.",
    failed: "تعذّر تحميل الفرق.",
    things: "المعالم",
    appeared: {
      zero: "لم يظهر شيء",
      one: "ظهر معلم واحد",
      two: "ظهر معلمان",
      few: "ظهرت {n} معالم",
      many: "ظهر {n} معلماً",
      other: "ظهر {n} معلم",
    },
    disappeared: {
      zero: "لم يختفِ شيء",
      one: "اختفى معلم واحد",
      two: "اختفى معلمان",
      few: "اختفت {n} معالم",
      many: "اختفى {n} معلماً",
      other: "اختفى {n} معلم",
    },
    grown: {
      zero: "لم يتسع شيء",
      one: "اتسع معلم واحد",
      two: "اتسع معلمان",
      few: "اتسعت {n} معالم",
      many: "اتسع {n} معلماً",
      other: "اتسع {n} معلم",
    },
    shrunk: {
      zero: "لم يتقلص شيء",
      one: "تقلص معلم واحد",
      two: "تقلص معلمان",
      few: "تقلصت {n} معالم",
      many: "تقلص {n} معلماً",
      other: "تقلص {n} معلم",
    },
    moved: {
      zero: "لم يتغير شيء",
      one: "تغيّر معلم واحد",
      two: "تغيّر معلمان",
      few: "تغيّرت {n} معالم",
      many: "تغيّر {n} معلماً",
      other: "تغيّر {n} معلم",
    },
    others: {
      zero: "لم تتغير طبقة أخرى",
      one: "تغيّرت طبقة أخرى واحدة",
      two: "تغيّرت طبقتان أخريان",
      few: "تغيّرت {n} طبقات أخرى",
      many: "تغيّرت {n} طبقة أخرى",
      other: "تغيّرت {n} طبقة أخرى",
    },
    estimate: "محسوب من كل ما قد يكون سارياً في كل من التاريخين.",
  },
};
