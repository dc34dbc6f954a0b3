package server

// apiWords are in Arabic what the description of the API and links say, by what they say in English.
//
//nolint:gochecknoglobals // a catalogue
var apiWords = map[string]string{
	// operations
	"The map, or the landing page of the API":      "الخريطة، أو صفحة الدخول إلى واجهة البرمجة",
	"The standards this server conforms to":        "المعايير التي يلتزم بها هذا الخادم",
	"This description of the API":                  "هذا الوصف لواجهة البرمجة",
	"All that the page needs to know of the atlas": "كل ما يلزم الصفحة معرفته عن الأطلس",
	"One layer":           "طبقة واحدة",
	"Features of a layer": "عناصر طبقة",
	"One feature":         "عنصر واحد",
	"All versions of the thing that a feature is one of (extension)":                                          "كل نسخ الشيء الذي هذا العنصر إحداها (إضافة منا)",
	"When a layer changes, and how much of it holds in between: count and km² (extension)":                    "متى تتغير طبقة، وكم يسري منها بين تغيّر وآخر: العدد والمساحة بالكيلومتر المربع (إضافة منا)",
	"What appeared, disappeared, grew, shrank between two times, as pieces gained, lost and kept (extension)": "ما ظهر واختفى واتسع وتقلص بين وقتين، قطعًا مكتسبة ومفقودة وباقية (إضافة منا)",
	"TileJSON of the changes between two times (extension)":                                                   "مستند TileJSON للتغيّرات بين وقتين (إضافة منا)",
	"A vector tile of the changes between two times (extension)":                                              "مربع متجهات للتغيّرات بين وقتين (إضافة منا)",
	"What a filter can name":            "ما يمكن أن يسميه المرشِّح",
	"What a filter of a layer can name": "ما يمكن أن يسميه مرشِّح للطبقة",
	"What the properties of a layer are, and which are its id, place and valid time": "خصائص الطبقة، وأيها معرّفها وموضعها ووقت سريانها",
	"What a feature of a layer is as GeoJSON":                                        "شكل عنصر من الطبقة بصيغة GeoJSON",
	"What features of a layer can be sorted by":                                      "ما يمكن ترتيب عناصر الطبقة بحسبه",
	"What a filter can call":                                                         "دوال المرشِّح",
	"The tilesets of a layer":                                                        "مجموعات مربعات طبقة",
	"A tileset of a layer; f=tilejson for TileJSON":                                  "مجموعة مربعات طبقة؛ f=tilejson لصيغة TileJSON",
	"A vector tile of a layer":                                                       "مربع متجهات لطبقة",
	"The tilesets of all layers together":                                            "مجموعات مربعات الطبقات كلها معًا",
	"The tileset of all layers together; f=tilejson for TileJSON":                    "مجموعة مربعات الطبقات كلها معًا؛ f=tilejson لصيغة TileJSON",
	"A vector tile of several layers":                                                "مربع متجهات لعدة طبقات",
	"The tile matrix sets":                                                           "شبكات المربعات",
	"A tile matrix set":                                                              "شبكة مربعات",
	"The map styles: of the whole atlas and of each layer, light and dark":           "أنماط الخريطة: للأطلس كله ولكل طبقة، فاتحة وداكنة",
	"A MapLibre style of the time asked for, else of that at which the page starts":  "نمط MapLibre للوقت المطلوب، وإلا فللوقت الذي تبدأ به الصفحة",
	"What a style shows":                                                             "ما يُظهره نمط",
	"The images of a style, and where each lies: atlas.png, atlas.json, atlas@2x.png, atlas@2x.json":                    "صور نمط وموضع كل منها: atlas.png وatlas.json وatlas@2x.png وatlas@2x.json",
	"Letters of a style's texts, 256 at a time: 1536-1791.pbf":                                                          "حروف نصوص نمط، 256 في كل مرة: 1536-1791.pbf",
	"Features by name, in any script":                                                                                   "العناصر بأسمائها، بأي كتابة",
	"The files of the atlas and of each layer":                                                                          "ملفات الأطلس وكل طبقة",
	"A layer, or all as `atlas`, or `layer.changes` between from and to, as a file; the name's extension is the format": "طبقة، أو كل الطبقات باسم `atlas`، أو `layer.changes` بين from وto، في ملف؛ وامتداد الاسم هو الصيغة",
	"The kinds of errors": "أنواع الأخطاء",
	"One kind of error, to which the type of a problem leads":       "نوع من الأخطاء، إليه يؤدي حقل type في وصف الخطأ",
	"Whether the program runs":                                      "هل البرنامج يعمل",
	"Whether the atlas is loaded, and what is wrong with its files": "هل حُمّل الأطلس، وما الخطأ في ملفاته",

	// links
	"This page":                      "هذه الصفحة",
	"The map":                        "الخريطة",
	"The API":                        "واجهة البرمجة",
	"The API, to read":               "واجهة البرمجة للقراءة",
	"Conformance":                    "المطابقة للمعايير",
	"The layers":                     "الطبقات",
	"Tilesets of all layers":         "مجموعات مربعات الطبقات كلها",
	"Tile matrix sets":               "شبكات المربعات",
	"Map styles":                     "أنماط الخريطة",
	"This layer":                     "هذه الطبقة",
	"Features":                       "العناصر",
	"What a feature is":              "ما هو العنصر",
	"What its properties are":        "ما هي خصائصه",
	"What features can be sorted by": "ما يمكن ترتيب العناصر بحسبه",
	"Tilesets":                       "مجموعات المربعات",
	"Map style":                      "نمط الخريطة",
	"Timeline":                       "الخط الزمني",
	"Changes between two times":      "التغيّرات بين وقتين",
	"All features as %s":             "كل العناصر بصيغة %s",
	"All pieces as %s":               "كل القطع بصيغة %s",

	// answers
	"What is wrong, and what to do":           "ما الخطأ وما العمل",
	"What If-None-Match names is still right": "ما يسميه If-None-Match ما زال صحيحًا",
	"Nothing lies in this tile":               "لا شيء في هذا المربع",
	"Those of its bytes that Range names":     "ما يسميه Range من بايتات الملف",

	// names in paths
	"Id of a layer.":        "معرّف طبقة.",
	"Id of a feature.":      "معرّف عنصر.",
	"Id of a style.":        "معرّف نمط.",
	"Tile matrix set.":      "شبكة المربعات.",
	"Zoom.":                 "مستوى التكبير.",
	"Row from the north.":   "الصف من الشمال.",
	"Column from the west.": "العمود من الغرب.",
	"A file's name: layer and format, such as events.geojson, or a style and its sprite, such as atlas@2x.png.": "اسم ملف: الطبقة والصيغة مثل events.geojson، أو النمط وصوره مثل atlas@2x.png.",
	"Kind of error, the last part of its type.":                                                                 "نوع الخطأ، وهو آخر جزء من type.",
	"Names of fonts, separated by commas; the first that there is counts.":                                      "أسماء خطوط بينها فواصل؛ يُؤخذ أول ما يوجد منها.",
	"256 characters, as 0-255.pbf.":                                                                             "256 حرفًا، مثل 0-255.pbf.",

	// parameters
	"Format of the answer; otherwise Accept decides.":                                                                                               "صيغة الجواب؛ وإلا فالحكم لترويسة Accept.",
	"Language of the answer's words, such as ar or en; otherwise Accept-Language decides.":                                                          "لغة كلمات الجواب، مثل ar أو en؛ وإلا فالحكم لترويسة Accept-Language.",
	"The revision that the page and TileJSON name; an answer under it never changes.":                                                               "المراجعة التي تسميها الصفحة وTileJSON؛ لا يتغير جواب تحتها أبدًا.",
	"West, south, east, north in degrees. Layers whose extent touches the box, and those without a place.":                                          "الغرب فالجنوب فالشرق فالشمال بالدرجات. الطبقات التي يمس امتدادها الإطار، والتي لا موضع لها.",
	"A date-time, day, month, year or interval, as items take them. Layers whose extent in time shares an instant with it, and those without time.": "لحظة أو يوم أو شهر أو سنة أو مدة، كما تقبلها العناصر. الطبقات التي يشترك امتدادها الزمني معه في لحظة، والتي لا زمن لها.",
	"How many layers at most.":                                 "عدد الطبقات على الأكثر.",
	"How many features at most.":                               "عدد العناصر على الأكثر.",
	"Where to go on; taken from a `next` link, never made up.": "من أين يُستأنف؛ يُؤخذ من رابط `next` ولا يُختلق.",
	"Of the coordinates in the answer, in the order of its axes; each layer lists those that it has.": "نظام إحداثيات الجواب، بترتيب محاوره؛ وتسرد كل طبقة أنظمتها.",
	"Of bbox, whose numbers come in the order of its axes; each layer lists those that it has.":       "نظام إحداثيات bbox، وأعداده بترتيب محاوره؛ وتسرد كل طبقة أنظمتها.",
	"Of the coordinates in the filter, in the order of its axes; each layer lists those that it has.": "نظام إحداثيات المرشِّح، بترتيب محاوره؛ وتسرد كل طبقة أنظمتها.",
	"West, south, east, north in degrees (six numbers with heights, which are ignored); west above east crosses the antimeridian. Features whose exact geometry touches the box, and those without a place; in changes and search only the former.": "الغرب فالجنوب فالشرق فالشمال بالدرجات (أو ستة أعداد مع الارتفاعات، وهي تُهمل)؛ وإذا زاد الغرب على الشرق عبَر الإطارُ خطَّ 180. العناصر التي يمس شكلها الدقيق الإطار، والتي لا موضع لها؛ وفي التغيّرات والبحث الأولى وحدها.",
	"RFC 3339 date-time, or an interval a/b whose ends are included; .. or nothing is an open end. " +
		"2014, 2014-06 and 2014-06-29 mean the whole year, month, day (extension). Features whose valid time shares an instant with it, and all without valid time: " +
		"of two versions that meet at an instant both answer to an interval that holds it. " +
		"The answer's Valid-Time says for how long it holds: from the start of the epoch in which datetime starts to the end, included, of that in which it ends. " +
		"Asked for it the answer is the same; for one instant, any instant in it gives the same (extension).": "لحظة بصيغة RFC 3339، أو مدة a/b وطرفاها منها؛ و.. أو الفراغ طرف مفتوح. " +
		"و2014 و2014-06 و2014-06-29 هي السنة والشهر واليوم كاملة (إضافة منا). العناصر التي يشترك وقت سريانها معه في لحظة، وكل ما لا وقت له: " +
		"فإذا التقت نسختان عند لحظة أجابت كلتاهما عن مدة تحويها. " +
		"وتقول ترويسة Valid-Time إلى متى يسري الجواب: من بداية الحقبة التي يبدأ فيها datetime إلى نهاية التي ينتهي فيها، والنهاية منها. " +
		"والسؤال عنها يعطي الجواب نفسه؛ وإن كان السؤال عن لحظة فكل لحظة فيها تعطيه (إضافة منا).",
	"Which reading of uncertain dates: possible (all that the date covers) or certain (extension).": "أي قراءة للتواريخ غير المؤكدة: possible (كل ما يشمله التاريخ) أو certain (إضافة منا).",
	"What a feature must be, in CQL2 (OGC 21-065r2): `kind = 'city' AND S_INTERSECTS(geometry, BBOX(42, 35, 44, 37))`. " +
		"Beside the properties there are `id`, `geometry`, `valid` and `certain`, which are its valid time in the two readings.": "ما يجب أن يكون عليه العنصر، بلغة CQL2 (OGC 21-065r2): `kind = 'city' AND S_INTERSECTS(geometry, BBOX(42, 35, 44, 37))`. " +
		"وإلى جانب الخصائص هناك `id` و`geometry` و`valid` و`certain`، والأخيران وقت سريانه في القراءتين.",
	"How the filter is written.": "كيف كُتب المرشِّح.",
	"Properties to sort by, separated by commas, each with - before it if descending; what is null comes last. /sortables has those that there are.": "خصائص الترتيب بينها فواصل، وقبل كل منها - إن كان تنازليًا؛ وما لا قيمة له يأتي أخيرًا. وتسردها صفحة /sortables.",
	"The properties that are wanted, separated by commas; all if left out.":                                                                          "الخصائص المطلوبة بينها فواصل؛ وكلها إن لم تُذكر.",
	"How GeoJSON is to be written: rfc7946, jsonfg, or jsonfg-plus, which has a geometry in CRS84 beside a place in another system; " +
		"several by preference, by name or URI. What the format can't be is passed over; a link tells the profile of the answer.": "كيف يُكتب GeoJSON: rfc7946 أو jsonfg أو jsonfg-plus، وفي الأخير شكل بنظام CRS84 إلى جانب موضع بنظام آخر؛ " +
		"وتُذكر عدة صور بحسب التفضيل، بأسمائها أو بمعرّفاتها الموحدة. وما لا تحتمله الصيغة يُتجاوز، ويدل رابط على صورة الجواب.",
	"A name, or how its words begin; case, accents, vowel signs, hamza and the article don't matter.":                                                                                                                                     "اسم، أو بداية كلماته؛ ولا فرق في حالة الأحرف والحركات والهمزات وأداة التعريف.",
	"Layers by id, separated by commas; all of the atlas if left out. Where a style merges the areas of a layer, its id with :border names their outline, which comes with a style's tiles.":                                              "معرّفات طبقات بينها فواصل؛ وطبقات الأطلس كلها إن لم تُذكر. وحيث يدمج النمط مساحات طبقة فمعرّفها متبوعًا بـ :border اسمُ حدّها الخارجي الذي تأتي به مربعات النمط.",
	"A style by id, in place of collections: the layers that it shows, those of the base map too, without datetime at the time at which the page starts; for programs that read a style from one address and all its tiles from another.": "نمط بمعرّفه، بدلًا من collections: الطبقات التي يُظهرها، ومنها طبقات خريطة الأساس، وبلا datetime في الوقت الذي تبدأ به الصفحة؛ لبرامج تقرأ النمط من عنوان ومربعاته كلها من آخر.",
	"The time before: a date-time, day, month, year or interval as datetime takes them. What holds at some instant of it counts.":                                                                                                         "الوقت السابق: لحظة أو يوم أو شهر أو سنة أو مدة كما يقبلها datetime. ويُعد كل ما يسري في لحظة منه.",
	"The time after, likewise.":        "الوقت اللاحق، كذلك.",
	"Features whose property is this.": "العناصر التي هذه قيمة خاصيتها.",
}

// say is a text of apiWords in the reader's language.
func (q *request) say(text string) string {
	if ar, ok := apiWords[text]; ok && arabic(q.lang) {
		return ar
	}
	return text
}
