package main

// stateLayers makes the states of the 4+1 coalition and of the coalition led by the
// United States, with the outlines of the base map.
func stateLayers(a *atlas, src *sources, b *base) error {
	var members, coalition []feature
	for _, r := range src.members {
		id := r.text("id")
		start, end, _ := r.when()
		members = append(members, feature{id, b.outline(r, "iso3"), []property{
			{"name_en", r.need("name_en")},
			{"name_ar", r.need("name_ar")},
			{"kind", r.oneOf("kind", "member", "plus-one")},
			{"start", start},
			{"end", end},
			{"text_en", r.need("role_en")},
			{"text_ar", r.need("role_ar")},
			{"verified", r.text("basis") == "looked_up"},
			{"basis", r.oneOf("basis", "looked_up", "partly", "background")},
			{"sources", src.sourcesOf("member-states", id)},
		}})
	}
	for _, r := range src.coalition {
		id := r.text("id")
		start, end, _ := r.when()
		kind := r.oneOf("kind", "core", "host", "jeddah", "brussels", "later")
		en, ar := joined(kind)
		coalition = append(coalition, feature{id, b.outline(r, "iso3"), []property{
			{"name_en", r.need("name_en")},
			{"name_ar", r.need("name_ar")},
			{"kind", kind},
			{"contribution", r.oneOf("contribution", "", "lead", "strikes", "support", "training", "host", "humanitarian")},
			{"start", start},
			{"end", end},
			{"text_en", en},
			{"text_ar", ar},
			{"verified", r.text("basis") == "looked_up"},
			{"basis", r.oneOf("basis", "looked_up", "partly", "background")},
			{"sources", src.sourcesOf("coalition-states", id)},
		}})
	}
	if err := src.problems(); err != nil {
		return err
	}
	if err := a.add("member-states", members); err != nil {
		return err
	}
	return a.add("coalition-states", coalition)
}

// joined says how a state came to the coalition.
func joined(kind string) (en, ar string) {
	switch kind {
	case "core":
		return "One of the ten states that met on the margins of the NATO summit in Wales on 5 September 2014.",
			"إحدى الدول العشر التي اجتمعت على هامش قمة حلف شمال الأطلسي في ويلز في 5 أيلول/سبتمبر 2014."
	case "host":
		return "The state that asked for help and on whose territory the coalition worked; also counted as a member.",
			"الدولة التي طلبت المساعدة وعمل التحالف على أراضيها؛ وتُعد عضواً فيه أيضاً."
	case "jeddah":
		return "One of the Arab states of the Jeddah communiqué of 11 September 2014, taken here as the date of joining.",
			"إحدى الدول العربية الموقعة على بيان جدة في 11 أيلول/سبتمبر 2014، وقد اعتُمد هنا تاريخاً للانضمام."
	case "brussels":
		return "Counted among the partners by the meeting in Brussels on 3 December 2014; the day of joining is not known.",
			"عُدّت بين الشركاء عند اجتماع بروكسل في 3 كانون الأول/ديسمبر 2014؛ ويوم انضمامها غير معروف."
	}
	return "Joined after 2014; the date is approximate unless a source is named.",
		"انضمت بعد عام 2014؛ والتاريخ تقريبي ما لم يُذكر له مصدر."
}
