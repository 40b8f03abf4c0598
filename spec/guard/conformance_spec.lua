-- docs/conformance.md: made from the checklist and the specs, with nothing left unsaid.

describe("conformance", function()
  local made = dofile "tools/conformance.lua"

  it("has a spec named by each line's id, or a reason why there is none", function()
    assert.equal("", table.concat(made.problems, "\n"))
  end)

  it("is told by a page that isn't stale", function()
    assert.equal("", table.concat(made.stale, "\n"), made.path .. " is stale: `make conformance` makes it anew")
  end)
end)
