-- An hour of mixed traffic (SOAK_SECONDS), across renewals and faults: nothing grows, and no login is lost. `make test`
-- has a short version, traffic_spec.

local core = require "airlock.core"
local stage = require "spec.support.stage"
local traffic = require "spec.support.traffic"

local seconds = tonumber(os.getenv "SOAK_SECONDS" or nil) or 3600
local rate = tonumber(os.getenv "SOAK_RATE" or nil) or 40 -- tasks a second; each is a call or several
local samples = 12
local resting = 64 -- AL_MAX_IDLE_CONNECTIONS: so many connections are kept, beside what a process has open anyhow

local function say(text, ...)
  io.stderr:write("  ", text:format(...), "\n")
end

local function list(counts)
  local names, parts = {}, {}
  for name in pairs(counts) do names[#names + 1] = name end
  table.sort(names, function(a, b) return counts[a] > counts[b] end)
  for i, name in ipairs(names) do parts[i] = ("%s %d"):format(name, counts[name]) end
  return table.concat(parts, ", ")
end

describe("soak:", function()
  after_each(stage.clear)

  it("mixed traffic leaves memory and descriptors flat, and loses no login", function()
    local self, began, held = traffic.start(), core.now(), {}
    for i = 1, samples do
      self:run(seconds / samples, 16, rate)
      held[i] = self:measure()
      local calls, failures = self:totals()
      say("traffic, minute %.1f: %d calls, %d failures, RSS %d KiB, Lua %.0f KiB, %d descriptors",
        (core.now() - began) / 60, calls, failures, held[i].rss, held[i].lua, held[i].files)
    end
    local took = core.now() - began
    local counts = self:settle()
    local last, warm = self:measure(), held[1]
    local most = self:plausible(counts, took)
    say("what came out: %s", list(self.failures))
    for code, message in pairs(self.said) do say("%s: %s", code, message) end
    say("what was done: %s", list(self.calls))
    say("server: %d calls, %d token requests (at most %d were to be expected), %d faults; %d logins came and went",
      counts.calls, counts.tokens, most, counts.faults, self.logins)
    say("warm (after a twelfth) and at the end: RSS %d and %d KiB, Lua %.0f and %.0f KiB, %d and %d descriptors",
      warm.rss, last.rss, warm.lua, last.lua, warm.files, last.files)
    assert.is_true(counts.tokens <= most, ("%d token requests"):format(counts.tokens))
    assert.is_true(last.rss <= warm.rss * 1.1 + 2048, "memory grows")
    assert.is_true(last.lua <= warm.lua * 1.1 + 256, "Lua's memory grows")
    assert.is_true(last.files <= resting + 24, "descriptors grow")
  end)
end)
