package server

import (
	"strconv"
	"strings"
)

// A phrase is in the two languages of the pages.
type phrase struct{ en, ar string }

// in returns the phrase in a language: Arabic for its kinds, English for all others.
func (p phrase) in(lang string) string {
	if arabic(lang) {
		return p.ar
	}
	return p.en
}

func arabic(lang string) bool { return lang == "ar" || strings.HasPrefix(lang, "ar-") }

// words are those of the pages, by the names that JSON and URLs have for things, or by
// names of ours. The map page has the same words for the same things.
//
//nolint:gochecknoglobals // a catalogue
var words = map[string]phrase{
	// parts of the page
	"home":         {"Map", "الخريطة"},
	"skip":         {"To the content", "إلى المحتوى"},
	"breadcrumb":   {"Where you are", "موضعك"},
	"language":     {"Language", "اللغة"},
	"formats":      {"This page as data", "هذه الصفحة بيانات"},
	"mapOf":        {"Map: {}", "خريطة: {}"},
	"onMap":        {"Open on the map", "الفتح على الخريطة"},
	"next":         {"Next page", "الصفحة التالية"},
	"prev":         {"Previous page", "الصفحة السابقة"},
	"see":          {"See also", "انظر أيضًا"},
	"downloads":    {"Downloads", "التنزيلات"},
	"yes":          {"yes", "نعم"},
	"no":           {"no", "لا"},
	"none":         {"None", "لا شيء"},
	"when":         {"When", "متى"},
	"name":         {"Name", "الاسم"},
	"noDates":      {"No dates given", "بلا تاريخ"},
	"certainWhen":  {"Certainly", "مؤكد"},
	"never":        {"at no time for certain", "لا وقت مؤكد"},
	"sources":      {"Sources", "المصادر"},
	"verified":     {"verified", "تم التحقق منه"},
	"unverified":   {"not verified", "لم يتم التحقق منه"},
	"untitled":     {"Without a name", "بلا اسم"},
	"details":      {"Details", "التفاصيل"},
	"versions":     {"Versions", "النسخ"},
	"parameters":   {"Parameters", "المعاملات"},
	"find":         {"Search", "بحث"},
	"findHint":     {"A name, or how its words begin, in either script", "اسم أو بداية كلماته، بالعربية أو باللاتينية"},
	"nothingFound": {"Nothing is called that. Try the beginning of a name, in either script.", "لا شيء بهذا الاسم. جرّب بداية الاسم بالعربية أو باللاتينية."},
	"nothingHere":  {"Nothing fits what was asked.", "لا شيء يوافق المطلوب."},
	"openStart":    {"open", "مفتوح"},
	"licence":      {"Licence", "الرخصة"},
	"in_en":        {"English", "بالإنجليزية"},
	"in_ar":        {"Arabic", "بالعربية"},
	"baseMap":      {"Base map", "خريطة الأساس"},
	"always":       {"All time", "كل الأوقات"},
	"comma":        {", ", "، "},
	"km²":          {"km²", "كم²"},

	"predecessor-version": {"The version before", "النسخة السابقة"},
	"successor-version":   {"The version after", "النسخة التالية"},
	"version-history":     {"All versions", "كل النسخ"},

	// addresses, by the last fixed part
	"collections":    {"Layers", "الطبقات"},
	"items":          {"Features", "العناصر"},
	"queryables":     {"What a filter can name", "ما يمكن أن يسميه المرشِّح"},
	"sortables":      {"What features can be sorted by", "ما يمكن ترتيب العناصر بحسبه"},
	"schema":         {"Properties", "الخصائص"},
	"tiles":          {"Tilesets", "مجموعات المربعات"},
	"tileMatrixSets": {"Tile matrix sets", "شبكات المربعات"},
	"timeline":       {"Timeline", "الخط الزمني"},
	"changes":        {"Changes", "التغيّرات"},
	"conformance":    {"Standards that this server conforms to", "المعايير التي يلتزم بها هذا الخادم"},
	"functions":      {"What a filter can call", "دوال المرشِّح"},
	"styles":         {"Styles", "الأنماط"},
	"search":         {"Search", "بحث"},
	"api":            {"The API", "واجهة البرمجة"},
	"problems":       {"Kinds of errors", "أنواع الأخطاء"},

	// names in answers
	"id":               {"Id", "المعرّف"},
	"title":            {"Title", "العنوان"},
	"description":      {"Description", "الوصف"},
	"attribution":      {"Attribution", "العزو"},
	"license":          {"Licence", "الرخصة"},
	"itemType":         {"Kind of items", "نوع العناصر"},
	"crs":              {"Coordinate reference systems", "أنظمة الإحداثيات"},
	"storageCrs":       {"Stored in", "نظام التخزين"},
	"extent":           {"Extent", "الامتداد"},
	"spatial":          {"In space", "في المكان"},
	"temporal":         {"In time", "في الزمن"},
	"bbox":             {"Box (west, south, east, north)", "الإطار (غرب، جنوب، شرق، شمال)"},
	"interval":         {"Interval", "المدة"},
	"trs":              {"Calendar", "التقويم"},
	"numberMatched":    {"In all", "المجموع"},
	"numberReturned":   {"On this page", "في هذه الصفحة"},
	"timeStamp":        {"Answered at", "وقت الجواب"},
	"conformsTo":       {"Conformance classes", "فئات المطابقة"},
	"layer":            {"Layer", "الطبقة"},
	"metric":           {"Measured by", "القياس"},
	"count":            {"Count", "العدد"},
	"area":             {"Area", "المساحة"},
	"possible":         {"Possible", "محتمل"},
	"certain":          {"Certain", "مؤكد"},
	"epochs":           {"Periods without change", "مدد بلا تغيّر"},
	"rivals":           {"Published figures", "أرقام منشورة"},
	"date":             {"Date", "التاريخ"},
	"value":            {"Value", "القيمة"},
	"publisher":        {"Publisher", "الناشر"},
	"ours":             {"Ours", "عندنا"},
	"from":             {"From", "من"},
	"to":               {"To", "إلى"},
	"until":            {"Until", "إلى"},
	"datetime":         {"Time asked", "الوقت المطلوب"},
	"holds":            {"Holds", "يسري"},
	"certainty":        {"Reading of dates", "قراءة التواريخ"},
	"things":           {"Things", "العناصر"},
	"appeared":         {"Appeared", "ظهر"},
	"disappeared":      {"Disappeared", "اختفى"},
	"grown":            {"Grown", "اتسع"},
	"shrunk":           {"Shrunk", "تقلص"},
	"moved":            {"Changed", "تغيّر"},
	"kept":             {"Kept", "باقٍ"},
	"gained":           {"Gained", "مكتسَب"},
	"lost":             {"Lost", "مفقود"},
	"before":           {"Before", "قبل"},
	"after":            {"After", "بعد"},
	"km2":              {"Area in km²", "المساحة بالكيلومتر المربع"},
	"change":           {"Change", "التغيّر"},
	"part":             {"Part", "الجزء"},
	"part_km2":         {"Area of the part, km²", "مساحة الجزء، كم²"},
	"before_km2":       {"Before, km²", "قبل، كم²"},
	"after_km2":        {"After, km²", "بعد، كم²"},
	"feature":          {"Feature", "العنصر"},
	"type":             {"Type", "النوع"},
	"format":           {"Format", "الصيغة"},
	"x-ogc-unit":       {"Unit", "الوحدة"},
	"x-ogc-role":       {"Role", "الدور"},
	"properties":       {"Properties", "الخصائص"},
	"arguments":        {"Arguments", "الوسائط"},
	"returns":          {"Returns", "النتيجة"},
	"tilesets":         {"Tilesets", "مجموعات المربعات"},
	"dataType":         {"Kind of data", "نوع البيانات"},
	"tileMatrixSetURI": {"Tile matrix set", "شبكة المربعات"},
	"tileMatrixSetId":  {"Tile matrix set, id", "معرّف شبكة المربعات"},
	"layers":           {"Layers", "الطبقات"},
	"minTileMatrix":    {"First zoom", "أول تكبير"},
	"maxTileMatrix":    {"Last zoom", "آخر تكبير"},
	"uri":              {"URI", "المعرّف الموحد"},
	"orderedAxes":      {"Axes", "المحاور"},
	"tileMatrices":     {"Zooms", "مستويات التكبير"},
	"scaleDenominator": {"Scale 1:", "المقياس 1:"},
	"cellSize":         {"Cell, m", "الخلية، م"},
	"cornerOfOrigin":   {"Corner of origin", "زاوية الأصل"},
	"pointOfOrigin":    {"Origin, m", "الأصل، م"},
	"tileWidth":        {"Tile width", "عرض المربع"},
	"tileHeight":       {"Tile height", "ارتفاع المربع"},
	"matrixWidth":      {"Tiles across", "المربعات عرضًا"},
	"matrixHeight":     {"Tiles down", "المربعات طولًا"},
	"status":           {"HTTP status", "حالة HTTP"},
	"detail":           {"In detail", "بالتفصيل"},
	"instance":         {"Address", "العنوان المطلوب"},
	"in":               {"In", "موضعه"},
	"required":         {"Required", "لازم"},
	"version":          {"Version", "الإصدار"},
	"sourceLayer":      {"Source layer", "طبقة المصدر"},
	"source-layer":     {"Source layer", "طبقة المصدر"},
	"source":           {"Source", "المصدر"},
	"minzoom":          {"First zoom", "أول تكبير"},
	"maxzoom":          {"Last zoom", "آخر تكبير"},
	"filter":           {"Filter", "المرشِّح"},
	"paint":            {"Paint", "الرسم"},
	"layout":           {"Layout", "التخطيط"},
	"default":          {"Default", "المبدئي"},
	"boundingBox":      {"Box", "الإطار"},
}

// plural is a count in the forms of its language (CLDR): English one, other; Arabic
// zero, one, two, few, many, other. {} is the number.
type plural struct{ en, ar []string }

//nolint:gochecknoglobals // a catalogue
var (
	features = plural{
		[]string{"{} feature", "{} features"},
		[]string{"لا عناصر", "عنصر واحد", "عنصران", "{} عناصر", "{} عنصرًا", "{} عنصر"},
	}
	listed = plural{
		[]string{"{} layer", "{} layers"},
		[]string{"لا طبقات", "طبقة واحدة", "طبقتان", "{} طبقات", "{} طبقة", "{} طبقة"},
	}
	found = plural{
		[]string{"{} result", "{} results"},
		[]string{"لا نتائج", "نتيجة واحدة", "نتيجتان", "{} نتائج", "{} نتيجة", "{} نتيجة"},
	}
)

func (p plural) in(lang string, n int) string {
	form := ""
	if arabic(lang) {
		form = p.ar[arabicForm(n)]
	} else if n == 1 {
		form = p.en[0]
	} else {
		form = p.en[1]
	}
	return strings.ReplaceAll(form, "{}", grouped(strconv.Itoa(n)))
}

// arabicForm is the place of a count's form among zero, one, two, few, many, other.
func arabicForm(n int) int {
	switch {
	case n < 3:
		return n
	case n%100 >= 3 && n%100 <= 10:
		return 3
	case n%100 >= 11:
		return 4
	}
	return 5
}

// grouped puts commas between the thousands of a decimal number from 10,000 on: a year is none.
func grouped(number string) string {
	sign, digits := "", number
	if strings.HasPrefix(digits, "-") {
		sign, digits = "−", digits[1:]
	}
	whole, rest := digits, ""
	if i := strings.IndexAny(digits, ".eE"); i >= 0 {
		whole, rest = digits[:i], digits[i:]
	}
	if len(whole) < 5 {
		return sign + digits
	}
	var b strings.Builder
	for i, d := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return sign + b.String() + rest
}
