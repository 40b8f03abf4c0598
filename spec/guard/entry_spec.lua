-- airlock.core is a small module that opens the engine, with libcurl and all that comes with it, in a way of its own.

local interpreter, under, build = os.getenv "AIRLOCK_LUA" or "lua5.4", os.getenv "AIRLOCK_UNDER" or "",
  os.getenv "AIRLOCK_BUILD"
local stage = require "spec.support.stage"

if build then
  describe("entry", function()
    local folder
    before_each(function() folder = stage.folder() end)
    after_each(stage.clear)

    -- What a Lua says of Airlock, whose modules lie where `places` says: name → folder below ours.
    local function try(places)
      local paths = {}
      for name, place in pairs(places) do
        stage.shell(("mkdir -p '%s/%s/airlock' && cp '%s/airlock/%s.so' '%s/%s/airlock/'"):format(folder, place, build,
          name, folder, place))
        paths[#paths + 1] = ("%s/%s/?.so"):format(folder, place)
      end
      local script = stage.file [[
        local ok, airlock = pcall(require, "airlock")
        if not ok then return print(airlock) end
        local _, message = airlock.client { base_url = "http://127.0.0.1:1" }:permanent_token "t":get "x"
        print(airlock.version, message)
        print(package.loaded["airlock.core_impl"] ~= nil)]]
      return stage.shell(("LUA_CPATH='%s;;' %s %s '%s' 2>&1"):format(table.concat(paths, ";"), under, interpreter,
        script))
    end

    it("opens the engine that lies beside it", function()
      local said = try { core = "a", core_impl = "a" }
      assert.truthy(said:find "^%d+%.%d+%.%d+%s.*no connection could be made.*\nfalse\n", said)
    end)

    it("lets Lua look for one that doesn't", function()
      local said = try { core = "a", core_impl = "b" }
      assert.truthy(said:find "^%d+%.%d+%.%d+%s.*no connection could be made.*\ntrue\n", said)
    end)

    it("says what is missing where there is none", function()
      local said = try { core = "a" }
      assert.truthy(said:find("airlock.core_impl", 1, true) and said:find("not found", 1, true), said)
    end)

    it("leaves libcurl to the engine", function()
      if stage.shell "uname -s" ~= "Linux\n" then return pending "asks readelf" end
      local function needed(name) return stage.shell(("readelf -d '%s/airlock/%s.so'"):format(build, name)) end
      assert.falsy(needed("core"):find("libcurl", 1, true))
      assert.truthy(needed("core_impl"):find("libcurl", 1, true))
    end)
  end)
end
