-- The modules as they were built: what the compiler and the linker do against those who find a hole (see
-- tools/hardening).

local stage = require "spec.support.stage"

local build = os.getenv "AIRLOCK_BUILD"
local flags = build and stage.read(build .. "/flags") or ""
-- those have checks of their own
local plain = not flags:find("-fsanitize", 1, true) and not flags:find("--coverage", 1, true)

if build then
  describe("hardening: each module", function()
    local function each(what)
      local out = {}
      for _, name in ipairs { "core", "core_impl", "server", "command" } do
        local text = stage.shell(("LC_ALL=C readelf -W %s '%s/airlock/%s.so' 2>&1"):format(what, build, name))
        assert.falsy(text:find("readelf: ", 1, true), text)
        out[name] = text
      end
      return pairs(out)
    end

    it("is bound and made read-only before its code runs", function()
      for name, text in each "-ld" do
        assert.truthy(text:find("GNU_RELRO", 1, true), name)
        assert.truthy(text:find("BIND_NOW", 1, true) or text:find("FLAGS_1.*NOW"), name)
      end
    end)

    it("has no stack that can be run, and no segment that can be written and run", function()
      for name, text in each "-l" do
        assert.truthy(text:match "GNU_STACK%s+0x%x+ 0x%x+ 0x%x+ 0x%x+ 0x%x+ RW ", name)
        for kind, rights in text:gmatch "\n  (%u[%u_]+)%s+0x%x+ 0x%x+ 0x%x+ 0x%x+ 0x%x+ ([RWE ]+)0x" do
          assert.falsy(rights:find "W" and rights:find "E", name .. " " .. kind)
        end
      end
    end)

    it("guards its stack and its copies", function()
      if not plain then return pending "built for something else" end
      for _, flag in ipairs { "-D_FORTIFY_SOURCE=2", "-fstack-protector-strong" } do
        assert.truthy(flags:find(flag, 1, true), flag)
      end
      for name, text in each "--dyn-syms" do assert.truthy(text:find("__stack_chk_fail", 1, true), name) end
    end)
  end)
end
