-- Mixed traffic across renewals and faults, for two seconds and under one Lua; `make soak` has an hour of it.

local stage = require "spec.support.stage"
local traffic = require "spec.support.traffic"

describe("mixed traffic", function()
  after_each(stage.clear)

  it("across renewals and faults loses no login, asks for no more tokens than it must, and leaves nothing open",
    function()
    if _VERSION ~= "Lua 5.4" then pending "it runs under Lua 5.4" end
    local self = traffic.start()
    local before = self:measure()
    local begun = 0
    repeat begun = begun + self:run(2, 8, 100) until begun >= 150 -- a slow machine begins fewer in that time
    local counts = self:settle()
    local after = self:measure()
    assert.is_true(counts.calls > 50 and counts.faults > 5)
    local most = self:plausible(counts, 5)
    assert.is_true(counts.tokens <= most, ("%d token requests, and at most %d were to be expected"):format(
      counts.tokens, most))
    -- at most as many connections rest as were in use: four for each of eight tasks
    assert.is_true(after.files <= before.files + 40, ("%d descriptors, then %d"):format(before.files, after.files))
  end)
end)
