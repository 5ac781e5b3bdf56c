import { type Html, html } from "./html.js";

/** A part of the page that the list of contents names. */
export interface Section {
  /** Of the element, unique in the page. */
  readonly id: string;
  readonly title: string;
  /** Its name in the contents: a word. */
  readonly word: string;
  /** A sentence or two on how to read what follows. */
  readonly lead: Html | string | null;
  readonly body: Html;
}

export function renderSection({ id, title, lead, body }: Section): Html {
  return html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${lead === null ? null : html`<p class="muted">${lead}</p>`}
<div class="body">${body}</div>
</section>
`;
}

/** Links to the sections. */
export function renderContents(sections: readonly Section[]): Html {
  return html`<nav aria-label="Contents"><ul>${sections.map(
    ({ id, word }) => html`<li><a href="#${id}">${word}</a></li>`,
  )}</ul></nav>
`;
}

export interface Fact {
  readonly name: string;
  readonly value: string | number | null;
}

/** A table of what is known: a fact whose value is `null` is left out. */
export function renderFacts(caption: string, facts: readonly Fact[]): Html {
  return html`<div><h3>${caption}</h3><table class="facts">${facts
    .filter(({ value }) => value !== null)
    .map(({ name, value }) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`)}</table></div>`;
}

/** Figures as a row of large numbers; one whose value is `null` is left out. */
export function renderStats(facts: readonly Fact[]): Html {
  return html`<dl class="stats">${facts
    .filter(({ value }) => value !== null)
    .map(({ name, value }) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}
