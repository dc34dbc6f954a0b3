/** All panels and dialogs that come later, as one file: small together, and who has one has them all. */

import "./kit.ts";

export { Share } from "./cite.ts";
export { Downloads } from "./download.ts";
export { Help } from "./help.ts";
export { Drawer } from "./popup.ts";
export { Search } from "./search.ts";
export { Sources } from "./sources.ts";
export { Story } from "./story.ts";
export { Table } from "./table.ts";
