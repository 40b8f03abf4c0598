-- The C tests of the floors without Lua (spec/c), each line of theirs a spec of its own.

local lines_of = require "spec.support.lines"

local build = os.getenv "AIRLOCK_BUILD"
local under = os.getenv "AIRLOCK_UNDER" or ""

describe("in C,", function()
  if not build then
    pending "AIRLOCK_BUILD doesn't say where the tests are; make spec does"
    return
  end
  for _, program in ipairs(lines_of(("ls '%s'/spec/*_test"):format(build))) do
    local lines = lines_of(("%s '%s' 2>&1; echo status $?"):format(under, program))
    local failed = 0
    for _, line in ipairs(lines) do
      local verdict, sentence = line:match "^(n?o?t? ?ok) (.*)$"
      if verdict then
        if verdict ~= "ok" then failed = failed + 1 end
        it(sentence, function() assert.equal("ok", verdict) end)
      end
    end
    it(program:match "[^/]*$" .. " ends as its tests did", function()
      assert.equal(("status %d"):format(failed > 0 and 1 or 0), lines[#lines],
        table.concat(lines, "\n", math.max(1, #lines - 5)))
    end)
  end
end)
