-- The fuzz targets (fuzz/) over their committed corpus and small changes of it, built by the compiler at hand; `make
-- fuzz` runs them with libFuzzer. What once broke something is in the corpus.

local lines_of = require "spec.support.lines"

local build = os.getenv "AIRLOCK_BUILD"
local under = os.getenv "AIRLOCK_UNDER" or ""

describe("what comes from outside:", function()
  if not build then
    pending "AIRLOCK_BUILD doesn't say where the targets are; make spec does"
    return
  end
  local lines = lines_of(("%s '%s/spec/replay' fuzz/corpus 2>&1; echo status $?"):format(under, build))
  for _, line in ipairs(lines) do
    local verdict, sentence = line:match "^(n?o?t? ?ok) (.*)$"
    if verdict then
      it(sentence, function() assert.equal("ok", verdict) end)
    end
  end
  it("every target ends as it should", function()
    assert.equal("status 0", lines[#lines], table.concat(lines, "\n", math.max(1, #lines - 30)))
  end)
  it("every folder of the corpus belongs to a target", function()
    for _, folder in ipairs(lines_of "ls fuzz/corpus") do
      assert.equal(1, #lines_of(("ls fuzz/%s.c"):format(folder)))
      assert.is_truthy(table.concat(lines, "\n"):find("ok fuzz: " .. folder .. " stands", 1, true))
    end
  end)
end)
