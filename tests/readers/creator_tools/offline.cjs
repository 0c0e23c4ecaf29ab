// Loaded before the validator, which asks for the newest version's number even with --offline: no name is ever resolved.
const dns = require("node:dns");
const refuse = (name, options, callback) => process.nextTick(callback ?? options, new Error(`offline: ${name}`));
dns.lookup = refuse;
