import { type ChildProcess, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import { ensureParts } from "../parts/ensureParts.ts";

/** The authenticator's program, which answers each line with one line. */
export class LineProcess<Question, Answer> {
  readonly #process: ChildProcess;
  readonly #lines: Interface;
  readonly #waiting: { resolve(answer: Answer): void; reject(error: Error): void }[] = [];

  private constructor(process: ChildProcess, lines: Interface) {
    this.#process = process;
    this.#lines = lines;
    lines.on("line", (line) => this.#waiting.shift()?.resolve(JSON.parse(line)));
    process.on("close", (code) => {
      for (const { reject } of this.#waiting.splice(0)) {
        reject(new Error(`the authenticator ended with ${code}`));
      }
    });
  }

  /** Starts it; AUTHENTICATOR_ORACLE names another build of the program. */
  static async start<Question, Answer>(...args: string[]): Promise<LineProcess<Question, Answer>> {
    const { AUTHENTICATOR_ORACLE: named, PATH, TMPDIR } = process.env;
    const file = named || (await ensureParts(["authenticator"])).authenticator.file;
    // Nothing of the machine's AWS settings.
    const child = spawn(file, args, { env: { PATH, TMPDIR }, stdio: ["pipe", "pipe", "inherit"] });
    return new LineProcess<Question, Answer>(child, createInterface({ input: child.stdout }));
  }

  /** Asks one question. */
  ask(question: Question): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#process.stdin?.write(`${JSON.stringify(question)}\n`);
    });
  }

  /** Ends the process. */
  stop(): void {
    this.#process.stdin?.end();
    this.#lines.close();
  }
}
