package server

import (
	"kharita/geo/crs"
	"kharita/geo/tile"
	"kharita/internal/layers"
)

// errorWords are in Arabic what errors say of requests, by what they say in English: formats
// of package fmt. What is wrong with filters is in filterWords.
//
//nolint:gochecknoglobals // a catalogue
var errorWords = map[string]string{
	// addresses
	"layer %q not found":           "لا توجد طبقة بالمعرّف %q",
	"feature %q not found":         "لا يوجد عنصر بالمعرّف %q",
	"page %q not found":            "لا توجد صفحة في العنوان %q",
	"file %q not found":            "لا يوجد ملف في العنوان %q",
	"download %q not found":        "لا يوجد تنزيل باسم %q",
	"style %q not found":           "لا يوجد نمط بالمعرّف %q",
	"sprite %q not found":          "لا توجد صور نمط باسم %q",
	"glyph range %q not found":     "لا توجد حروف بالمدى %q",
	"font %q not found":            "لا يوجد خط باسم %q",
	"tile matrix set %q not found": "لا توجد شبكة مربعات بالمعرّف %q",
	"kind of error %q not found":   "لا يوجد نوع من الأخطاء باسم %q",
	"layer %q names no identity that versions of one thing share": "لا تسمي الطبقة %q هوية تشترك فيها نسخ الشيء الواحد",

	// HTTP
	"method not allowed: this address takes GET, HEAD and OPTIONS":        "طريقة غير مسموح بها: يقبل هذا العنوان GET وHEAD وOPTIONS",
	"not acceptable: this address has %s":                                 "لا صيغة مقبولة: صيغ هذا العنوان هي %s",
	"the page is not built: run make build, or ask for JSON with ?f=json": "الصفحة غير مبنية: نفّذ make build، أو اطلب JSON بالمعامل ?f=json",
	"the file has %d bytes":                                               "حجم الملف %d بايت",
	"the answer was not ready in time":                                    "لم يجهز الجواب في الوقت",

	"there is no room for this file just now: ask again in a moment, or for less of it by bbox, datetime or filter": "لا مكان الآن لهذا الملف: أعد المحاولة بعد قليل، أو اطلب جزءًا منه بالمعامل bbox أو datetime أو filter",

	// parameters
	"unknown parameter %q: this address takes %s%s":                                   "المعامل %q غير معروف: يقبل هذا العنوان %s%s",
	"unknown parameter %q: this address takes none":                                   "المعامل %q غير معروف: لا يقبل هذا العنوان أي معامل",
	"parameter %q stands twice":                                                       "المعامل %q مكرر",
	"f=%s: this address has %s":                                                       "المعامل f=%s: صيغ هذا العنوان هي %s",
	"lang=%s: there are %s":                                                           "المعامل lang=%s: اللغات هي %s",
	"limit=%s: write a whole number from 1 to %d":                                     "المعامل limit=%s: اكتب عددًا صحيحًا من 1 إلى %d",
	"after is empty: follow a next link":                                              "المعامل after فارغ: اتبع رابط next",
	"after=%s: there is no such layer, or no longer: begin again with the first page": "المعامل after=%s: لا توجد هذه الطبقة، أو لم تعد موجودة: ابدأ من الصفحة الأولى",
	"properties=%s: there is no property %q; there are %s":                            "المعامل properties=%s: لا توجد خاصية %q؛ والخصائص هي %s",
	"sortby=%s: can't be sorted by %q, but by %s":                                     "المعامل sortby=%s: لا ترتيب بحسب %q، بل بحسب %s",
	"profile=%s: write %s, or URIs of profiles":                                       "المعامل profile=%s: اكتب %s أو معرّفات موحدة لصور الكتابة",
	"filter-lang=%s: write cql2-text or cql2-json":                                    "المعامل filter-lang=%s: اكتب cql2-text أو cql2-json",
	"%s=%s: write a number":                                                           "المعامل %s=%s: اكتب عددًا",
	"%s=%s: write true or false":                                                      "المعامل %s=%s: اكتب true أو false",
	"%s holds lists or objects; they can't be compared":                               "في الخاصية %s قوائم أو كائنات، وهي لا تُقارَن",
	"q is empty: write a name, or how it begins":                                      "المعامل q فارغ: اكتب اسمًا أو بدايته",
	"q is longer than %d bytes":                                                       "المعامل q أطول من %d بايت",
	"collections and style both name layers: write one of them":                       "يسمي كل من collections وstyle طبقات: اكتب أحدهما",
	"collections=%s: there is no layer %q":                                            "المعامل collections=%s: لا توجد طبقة بالمعرّف %q",
	"style=%s: there is no such style; /styles lists them":                            "المعامل style=%s: لا يوجد هذا النمط؛ وتسرد /styles الأنماط",
	"TileJSON is of %s alone, not of %s: ask for that, or for f=json":                 "لا TileJSON إلا لشبكة %s، لا لشبكة %s: اطلب تلك أو f=json",

	// times
	"%s: %v": "المعامل %s: %v",
	"certainty is empty: write possible or certain":                                       "المعامل certainty فارغ: اكتب possible أو certain",
	"certainty=%s: write possible or certain":                                             "المعامل certainty=%s: اكتب possible أو certain",
	"%s is missing: changes are between two times, such as from=2014-06-01&to=2015-06-01": "ينقص المعامل %s: التغيّرات بين وقتين، مثل from=2014-06-01&to=2015-06-01",
	"from=%s is after to=%s":                                                              "الوقت from=%s بعد الوقت to=%s",

	// places
	"bbox=%s: %v": "المعامل bbox=%s: %v",
	"bbox=%s: write west,south,east,north in degrees":                    "المعامل bbox=%s: اكتب الغرب فالجنوب فالشرق فالشمال بالدرجات، وبينها فواصل",
	"bbox=%s: %q is no number":                                           "المعامل bbox=%s: ليس %q عددًا",
	"bbox=%s: south %g is above north %g":                                "المعامل bbox=%s: الجنوب %g أعلى من الشمال %g",
	"bbox=%s: the lower height %g is above the upper %g":                 "المعامل bbox=%s: الارتفاع الأدنى %g أعلى من الأقصى %g",
	"bbox=%s: longitudes run from -180 to 180, latitudes from -90 to 90": "المعامل bbox=%s: خطوط الطول من -180 إلى 180، ودوائر العرض من -90 إلى 90",
	"bbox-crs is of no use without bbox":                                 "لا فائدة من bbox-crs بلا bbox",
	"filter: %s: %v":                                                     "المرشِّح: %s: %v",
	"%s=%s: there are %s, http://www.opengis.net/def/crs/EPSG/0/4326, …/3857, …/326xx and …/327xx": "المعامل %s=%s: أنظمة الإحداثيات هي %s وhttp://www.opengis.net/def/crs/EPSG/0/4326 و…/3857 و…/326xx و…/327xx",
	"%s=%s: the layer has %s": "المعامل %s=%s: أنظمة إحداثيات هذه الطبقة هي %s",

	// downloads
	"crs=%s: %s is in longitude and latitude by its standard; leave crs out, or ask for %s": "المعامل crs=%s: إحداثيات %s درجات طول وعرض بحكم معيارها؛ احذف crs أو اطلب %s",
	"%s goes with %s%s.geojson; a layer takes datetime":                                     "المعامل %s لملف مثل %s%s.geojson؛ والطبقة تقبل datetime",
	"properties: the layers have each their own; ask for one layer":                         "المعامل properties: لكل طبقة خصائصها؛ اطلب طبقة واحدة",
	"%s: changes take none":              "المعامل %s: لا تقبله التغيّرات",
	"datetime: changes take from and to": "المعامل datetime: تقبل التغيّرات from وto بدلًا منه",
}

// sentinels are in Arabic what errors of other packages say.
//
//nolint:gochecknoglobals // a catalogue
var sentinels = []struct {
	err error
	ar  string
}{
	{tile.ErrAddress, "لا مربع كهذا: مستوى التكبير أو الصف أو العمود خارج الشبكة"},
	{crs.ErrBox, "ليس إطارًا في نظام الإحداثيات: اكتب الحدّين الأدنيين بترتيب محاوره ثم الأقصيين"},
	{layers.ErrGone, "لم يبق عنصر حول هذا الموضع منذ طُلبت الصفحة السابقة: ابدأ من الصفحة الأولى"},
	{layers.ErrCursor, "المعامل after لا يشير إلى صفحة: ابدأ من الصفحة الأولى"},
}
