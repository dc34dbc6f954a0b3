/**
 * What the parts that come later share with the page's beginning. Named here so that it is bundled as one file: each
 * of those parts imports this one.
 */

import "./api.ts";
import "./atlas.ts";
import "./dom.ts";
import "./instant.ts";
import "./keys.ts";
import "./legend.ts";
import "./overlay.ts";
import "./paint.ts";
import "./scale.ts";
import "./size.ts";
import "./source.ts";
import "./state.ts";
import "./style.ts";
import "./tilelayer.ts";
import "./url.ts";
import "./words.ts";
