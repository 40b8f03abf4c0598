-- Memory that runs out: each allocation of two flows fails in turn, in C and in Lua, and each eleventh of one with a
-- store; `make starve` does it to all flows. Under two Luas only, as what is tried is the same for all: one that
-- allocates through malloc, and LuaJIT, which doesn't.

local lines_of = require "spec.support.lines"

local build = os.getenv "AIRLOCK_BUILD"
local under = os.getenv "AIRLOCK_UNDER" or ""
local mine = _VERSION == "Lua 5.4" or rawget(_G, "jit")

local function exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

if mine and build and under == "" then
  describe("with too little", function()
    if not exists(build .. "/starve.so") then
      pending "starve.so needs glibc, and wasn't built"
      return
    end
    for _, mode in ipairs { "client_credentials refresh", "onward client_credentials refresh", "every=11 files" } do
      local lines = lines_of(("spec/starve/start %s 2>&1; echo status $?"):format(mode))
      local onward = mode:find("onward", 1, true)
      for _, line in ipairs(lines) do
        local verdict, sentence = line:match "^(n?o?t? ?ok) (.*)$"
        if verdict then
          it(sentence:gsub("allocations", not onward and "%0" or "%0 and of all that follow"),
            function() assert.equal("ok", verdict) end)
        end
      end
      it("memory, the run ends well: " .. mode, function()
        assert.equal("status 0", lines[#lines], table.concat(lines, "\n", math.max(1, #lines - 30)))
      end)
    end
  end)
end
