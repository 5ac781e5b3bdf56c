// The options of a script of this package, checked; --help describes them.
import yargs from "yargs";

export function readOptions(npmScript, options) {
  return yargs(process.argv.slice(2))
    .scriptName(`npm run ${npmScript} --`)
    .usage("$0 [options]")
    .options(options)
    .strict()
    .version(false)
    .wrap(null)
    .check((values) => {
      for (const [name, { type }] of Object.entries(options)) {
        const value = values[name];
        if (type === "number" && value !== undefined && !(Number.isInteger(value) && value > 0))
          throw new Error(`Expected a positive whole number for --${name} but received ${value}`);
      }
      return true;
    })
    .parserConfiguration({ "duplicate-arguments-array": false })
    .fail((message, error) => {
      console.error(`${npmScript}: ${error?.message ?? message}; --help lists the options.`);
      process.exit(2);
    })
    .parseSync();
}
