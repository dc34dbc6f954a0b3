/** The words of the chart in the time dock and of the figures on the map. */

import type { Late } from "../words.ts";

export type ChartKey =
  | "about"
  | "between"
  | "upTo"
  | "figure"
  | "summary"
  | "countSummary"
  | "rivals"
  | "rival"
  | "ours"
  | "shownCount";

export const chartWords: Late<ChartKey> = {
  en: {
    about: "about {value}",
    between: "{low} to {high}",
    upTo: "up to {value}",
    figure: "{title}: {value}",
    summary: "Chart of {title}: greatest {value}, {time}.",
    countSummary: "Chart of how many features hold: most {value}, {time}.",
    rivals: "Figures published by others",
    rival: "{publisher}, {time}: {value}",
    ours: "{rival}. This atlas: {value}",
    shownCount: { one: "{n} feature", other: "{n} features" },
  },
  ar: {
    about: "نحو {value}",
    between: "من {low} إلى {high}",
    upTo: "حتى {value}",
    figure: "{title}: {value}",
    summary: "مخطط «{title}»: أكبر قيمة {value}، {time}.",
    countSummary: "مخطط عدد المعالم السارية: أكثرها {value}، {time}.",
    rivals: "أرقام نشرتها جهات أخرى",
    rival: "{publisher}، {time}: {value}",
    ours: "{rival}. هذا الأطلس: {value}",
    shownCount: {
      zero: "لا معالم",
      one: "معلم واحد",
      two: "معلمان",
      few: "{n} معالم",
      many: "{n} معلماً",
      other: "{n} معلم",
    },
  },
};
