import { render } from "preact";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/controls.css";
import "./styles/shell.css";
import "./styles/content.css";
import "./styles/pages.css";
import { startSession } from "./api/session";
import { App } from "./app";
import { preferredLanguage, speak } from "./i18n/language";

const root = document.getElementById("app");
if (!root) throw new Error("index.html has no #app");

startSession();
await speak(preferredLanguage());
render(<App />, root);
