-- Processes are killed at any moment: the store stays whole, and no login is lost.

local hunt = require "spec.support.hunt"
local stage = require "spec.support.stage"

describe("a store", function()
  after_each(stage.clear)

  it("stays whole and keeps its login where its users are killed at random moments", function()
    local counts = hunt.run(12, 3) -- `make soak` kills a thousand
    assert.equal(12, counts.kills)
    assert.is_true(counts.renewals > 12)
  end)
end)
