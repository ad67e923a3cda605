const { TeamAccess } = require("@company/access");

const team = new TeamAccess("dev", { groups: ["viewers"], account: "012345678901" });

exports.username = team.role.username;
