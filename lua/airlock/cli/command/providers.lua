--- airlock providers: which servers are known by name.

local airlock = require "airlock"
local output = require "airlock.cli.output"

local function run()
  for _, name in ipairs(airlock.providers()) do output.write(name .. "\n") end
end

return {
  name = "providers",
  summary = "List the servers that are known by name",
  details = "Lists the names that --provider and a profile's 'provider' take: servers whose endpoints and habits are "
    .. "known.",
  options = {},
  examples = { { "airlock providers", "one name a line" } },
  run = run,
}
