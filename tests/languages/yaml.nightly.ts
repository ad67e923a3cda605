import { describeLife } from "./life.ts";
import { yaml } from "./yaml.ts";

describeLife(yaml);
