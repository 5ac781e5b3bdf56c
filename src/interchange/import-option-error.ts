import { InvalidArgumentError } from "../errors.js";

/** How a person writes an option where they use it: `activation` in a program, `--activation` on the command line. */
export type SpellOption = (name: string) => string;

/** An option of an import that is missing, or that the file has no use for. */
export class ImportOptionError extends InvalidArgumentError {
  readonly #sentence: (spell: SpellOption) => string;

  constructor(sentence: (spell: SpellOption) => string) {
    super(sentence((name) => name));
    this.name = "InvalidArgumentError"; // Nobody has to know of another class.
    this.#sentence = sentence;
  }

  /** The message, with options named as they are written somewhere else than in a program. */
  sentence(spell: SpellOption): string {
    return this.#sentence(spell);
  }
}
