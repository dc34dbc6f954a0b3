package main

import "fmt"

// A placeText writes the sentences of a settlement.
type placeText struct{ row, governorate, note row }

// A word in both languages.
type word struct{ en, ar string }

// kinds are the words for kinds of settlements and sites.
var kinds = map[string]word{ //nolint:gochecknoglobals // a table
	"airbase":         {"Air base", "قاعدة جوية"},
	"bridge":          {"Bridge", "جسر"},
	"camp":            {"Camp", "معسكر"},
	"city":            {"City", "مدينة"},
	"compound":        {"Residential compound", "مجمع سكني"},
	"crossing":        {"Border crossing", "منفذ حدودي"},
	"crossroads":      {"Crossroads", "مفترق طرق"},
	"dam":             {"Dam", "سد"},
	"desert-road":     {"Desert road", "طريق صحراوي"},
	"gas-field":       {"Gas field", "حقل غاز"},
	"highway-post":    {"Post on the highway", "نقطة على الطريق السريع"},
	"hill":            {"Hill", "مرتفع"},
	"industrial-site": {"Industrial site", "منشأة صناعية"},
	"monastery":       {"Monastery", "دير"},
	"mountain":        {"Mountain", "جبل"},
	"oil-field":       {"Oil field", "حقل نفط"},
	"prison":          {"Prison", "سجن"},
	"river-area":      {"Area along the river", "منطقة على ضفة النهر"},
	"shrine":          {"Shrine", "مزار"},
	"site":            {"Site", "موقع"},
	"town":            {"Town", "بلدة"},
	"town-part":       {"Part of a town", "جزء من بلدة"},
	"village":         {"Village", "قرية"},
}

func (p placeText) where() (en, ar string) {
	k, ok := kinds[p.row.text("kind")]
	if !ok {
		p.row.fail("kind is %q, for which there is no word", p.row.text("kind"))
	}
	country := word{"Iraq", "العراق"}
	if p.row.text("country") == "SYR" {
		country = word{"Syria", "سورية"}
	}
	return fmt.Sprintf("%s in the governorate of %s, %s.", k.en, p.governorate.text("name_en"), country.en),
		fmt.Sprintf("%s في محافظة %s، %s.", k.ar, p.governorate.text("name_ar"), country.ar)
}

// held describes a spell. How its dates are known is said in words, so that nobody
// needs to know what a basis is.
func (p placeText) held(h holding) (en, ar string) {
	en, ar = p.where()
	var evidence word
	start, end := h.row.text("start_read"), h.row.text("end_read")
	switch {
	case start == "yes" && end == "yes":
		evidence = word{"Both dates were read in a source.", "قُرئ التاريخان في مصدر."}
	case start == "estimate":
		evidence = word{
			"No source was found for the start; it is estimated from the places around.",
			"لم يُعثر على مصدر لتاريخ البداية، وهو مقدَّر من الأماكن المجاورة.",
		}
	case start == "between":
		evidence = word{
			"No source was found for the start, which lies somewhere between the end of the spell before and the end of this one.",
			"لم يُعثر على مصدر لتاريخ البداية، وهو يقع بين نهاية المدة السابقة ونهاية هذه المدة.",
		}
	case end == "yes":
		evidence = word{
			"The end was read in a source; the start was not and is unverified.",
			"قُرئ تاريخ النهاية في مصدر، أما تاريخ البداية فلم يُتحقق منه.",
		}
	case start == "yes":
		evidence = word{
			"The start was read in a source; the end was not and is unverified.",
			"قُرئ تاريخ البداية في مصدر، أما تاريخ النهاية فلم يُتحقق منه.",
		}
	default:
		evidence = word{"Neither date has been verified.", "لم يُتحقق من أيٍّ من التاريخين."}
	}
	return sentences(en, p.note.text("note_en"), evidence.en), sentences(ar, p.note.text("note_ar"), evidence.ar)
}

// never describes a place that is not known to have been held.
func (p placeText) never() (en, ar string) {
	en, ar = p.where()
	evidence := word{"This has not been verified.", "لم يُتحقق من ذلك."}
	if p.row.text("not_held") == "read" {
		evidence = word{"This was read in a source.", "قُرئ ذلك في مصدر."}
	}
	return sentences(en, "Not known to have been held by ISIS at any time", evidence.en, p.note.text("note_en")),
		sentences(ar, "لا يُعرف أن تنظيم داعش سيطر على هذا المكان في أي وقت", evidence.ar, p.note.text("note_ar"))
}

// area says what a cell is, and what it is not.
func (p placeText) area() (en, ar string) {
	return fmt.Sprintf("The ground nearer to %s than to any other listed place, at most %.1f km from it and within Iraq and Syria, for the time in which ISIS is reported to have held it. An estimate, not a front line.", p.row.text("name_en"), radius/1e3),
		fmt.Sprintf("الأرض الأقرب إلى «%s» منها إلى أي موقع آخر مدرج، في نطاق %.1f كم منه وداخل العراق وسورية، للمدة التي تفيد المصادر بأن تنظيم داعش سيطر فيها عليه. هذا تقدير وليس خط جبهة.", p.row.text("name_ar"), radius/1e3)
}
