// Before the styles of the views, which go beyond these.
import "./style.css";
import "./parts/parts.css";
import { render } from "preact";
import { App } from "./app.js";

const page = document.getElementById("page");
if (page === null) throw new Error("The page has no element to be drawn in.");
render(<App />, page);
