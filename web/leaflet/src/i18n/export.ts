/** The words of taking home what is seen. */

import type { Late } from "../words.ts";

export type ExportKey =
  | "asSeen"
  | "picture"
  | "pictureNote"
  | "geojson"
  | "nothing"
  | "count"
  | "failed"
  | "making"
  | "link";

export const exportWords: Late<ExportKey> = {
  en: {
    asSeen: "What is seen now",
    picture: "Map as PNG",
    pictureNote: "With title, date, legend, scale and sources.",
    geojson: "GeoJSON of this view",
    nothing: "Nothing of the layers shown lies in this view at this time.",
    count: {
      one: "{n} feature in this view, at the time shown",
      other: "{n} features in this view, at the time shown",
    },
    failed: "It could not be made: {reason}",
    making: "One moment…",
    link: "This view: {url}",
  },
  ar: {
    asSeen: "ما يُرى الآن",
    picture: "الخريطة صورةً (PNG)",
    pictureNote: "مع العنوان والتاريخ ومفتاح الخريطة والمقياس والمصادر.",
    geojson: "بيانات هذا المشهد (GeoJSON)",
    nothing: "لا شيء من الطبقات المعروضة في هذا المشهد في هذا الوقت.",
    count: {
      zero: "لا معالم في هذا المشهد في الوقت المعروض",
      one: "معلم واحد في هذا المشهد في الوقت المعروض",
      two: "معلمان في هذا المشهد في الوقت المعروض",
      few: "{n} معالم في هذا المشهد في الوقت المعروض",
      many: "{n} معلماً في هذا المشهد في الوقت المعروض",
      other: "{n} معلم في هذا المشهد في الوقت المعروض",
    },
    failed: "تعذّر الإنشاء: {reason}",
    making: "لحظة…",
    link: "هذا المشهد: {url}",
  },
};
