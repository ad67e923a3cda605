import { pluginDoor } from "../support/doors/door.ts";
import { describeRandomFaults } from "./randomFaults.ts";

describeRandomFaults(pluginDoor);
