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

    it("tells every other Lua in a sentence which one it is for", function()
      if under ~= "" then return pending "other Luas aren't watched as this suite is" end
      local ours, found = _VERSION:match "%d%.%d", 0
      local call = stage.file [[
        for _, name in ipairs { "airlock.core", "airlock", "airlock.emulator", "airlock.loop.luv" } do
          package.loaded["airlock.core"] = nil
          print(select(2, pcall(require, name)))
        end]]
      for version, others in pairs { ["5.1"] = { "lua5.1", "luajit" }, ["5.2"] = { "lua5.2" }, ["5.3"] = { "lua5.3" },
        ["5.4"] = { "lua5.4" }, ["5.5"] = { "lua5.5" } } do
        for _, other in ipairs(version ~= ours and others or {}) do
          if stage.shell(("command -v %s || true"):format(other)) ~= "" then
            local suffix = version:gsub("%.", "_")
            local said = stage.shell(("unset LUA_PATH_%s LUA_CPATH_%s; LUA_CPATH='%s/?.so' %s '%s' 2>&1")
              :format(suffix, suffix, build, other, call))
            local first, name = said:match "[^\n]+", other == "luajit" and "LuaJIT" or "Lua " .. version
            assert.truthy(first:find("is for Lua " .. ours .. ", but " .. name .. " loads it", 1, true), said)
            assert.truthy(first:find("busted --lua=lua" .. ours, 1, true), said)
            assert.truthy(first:find("make LUA=" .. (other == "luajit" and "jit" or version), 1, true), said)
            assert.falsy(said:find("undefined symbol", 1, true), said)
            found = found + 1
          end
        end
      end
      if found == 0 then return pending "no other Lua is installed" end
    end)

    it("leaves libcurl to the engine", function()
      if stage.shell "uname -s" ~= "Linux\n" then return pending "asks readelf" end
      local function needed(name) return stage.shell(("readelf -d '%s/airlock/%s.so'"):format(build, name)) end
      assert.falsy(needed("core"):find("libcurl", 1, true))
      assert.truthy(needed("core_impl"):find("libcurl", 1, true))
    end)
  end)
end
