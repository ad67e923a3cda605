import { join } from "node:path";
import ts from "typescript";
import { repository } from "../../support/engine/testProject.ts";

/** Where the caret is in a string. */
const caret = "▮";

/** A TypeScript editor with one open program, which imports the built package by its name, as `awsAuth`. */
export class Editor {
  readonly #file = join(repository, "open-in-an-editor.ts");
  #text = "";
  #version = 0;
  readonly #service = ts.createLanguageService(this.#host());

  /** Names that the editor suggests at `▮`, in alphabetical order. */
  completions(program: string): string[] {
    const offset = this.#open(program);
    const offered = this.#service.getCompletionsAtPosition(this.#file, offset, {})?.entries ?? [];
    return offered.map(({ name }) => name).toSorted();
  }

  /** What the editor underlines. */
  errors(program: string): string[] {
    this.#open(program);
    const found = [
      ...this.#service.getSyntacticDiagnostics(this.#file),
      ...this.#service.getSemanticDiagnostics(this.#file),
    ];
    return found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
  }

  /** The text of the window that opens over the name at `▮`, tags such as `@example` included. */
  hover(program: string): string {
    const offset = this.#open(program);
    const info = this.#service.getQuickInfoAtPosition(this.#file, offset);
    return `${ts.displayPartsToString(info?.displayParts)}\n${documentation(info)}`;
  }

  /** Shows a program, and returns where its caret is. */
  #open(program: string): number {
    const text = `import * as awsAuth from "pulumi-aws-auth";\n${program}`;
    this.#text = text.replace(caret, "");
    this.#version++;
    return text.indexOf(caret);
  }

  #host(): ts.LanguageServiceHost {
    const contentOf = (file: string) => (file === this.#file ? this.#text : ts.sys.readFile(file));
    return {
      getScriptFileNames: () => [this.#file],
      getScriptVersion: (file) => (file === this.#file ? String(this.#version) : "0"),
      getScriptSnapshot: (file) => {
        const content = contentOf(file);
        return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
      },
      getCurrentDirectory: () => repository,
      getCompilationSettings: () => ({
        module: ts.ModuleKind.NodeNext,
        moduleResolution: ts.ModuleResolutionKind.NodeNext,
        target: ts.ScriptTarget.ES2022,
        strict: true,
        skipLibCheck: true,
        types: [],
      }),
      getDefaultLibFileName: (options) => ts.getDefaultLibFilePath(options),
      fileExists: (file) => file === this.#file || ts.sys.fileExists(file),
      readFile: contentOf,
      useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
    };
  }
}

function documentation(info: ts.QuickInfo | undefined): string {
  const tags = info?.tags ?? [];
  return [
    ts.displayPartsToString(info?.documentation),
    ...tags.map(({ name, text }) => `@${name} ${ts.displayPartsToString(text)}`),
  ].join("\n");
}
