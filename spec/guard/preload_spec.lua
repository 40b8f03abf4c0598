-- airlock.preload() leaves nothing of Airlock to be loaded; a module that is missing is a failure.

local command = require "spec.support.command"
local curl = require "spec.support.curl"
local nginx = require "spec.support.nginx"
local phases = require "spec.support.phases"
local socket = require "socket"
local stage = require "spec.support.stage"

local interpreter, under = os.getenv "AIRLOCK_LUA" or "lua5.4", os.getenv "AIRLOCK_UNDER" or ""

-- What a program asks for itself: other hosts' loops and stores, and the programs beside the library.
local apart = { "cli/", "emulator/", "playground/", "loop/luv/", "loop/ngx/", "loop/copas", "loop/cqueues", "store/",
  "guard/ngx", "guard/nginx", "web/ngx" }

local function is_apart(path)
  for _, beginning in ipairs(apart) do
    if path:find("lua/airlock/" .. beginning, 1, true) == 1 then return true end
  end
  return false
end

describe("preload", function()
  after_each(stage.clear)

  local function run(code)
    return stage.shell(("%s %s '%s' 2>&1"):format(under, interpreter, stage.file(code)))
  end

  -- Lua that takes all files away.
  local gone = "package.path, package.cpath = '/nowhere/?.lua', '/nowhere/?.so'\n"

  it("loads each module that a module of the library names", function()
    local missing = run [[
      assert(require "airlock".preload())
      for path in io.popen "find lua/airlock -name '*.lua'":lines() do
        local file = io.open(path)
        for name in file:read "*a":gmatch "[%(= ]*[a-z]+ ?%(?\"(airlock%.[%w_.]*[%w_])\"%)?" do
          local found = name:gsub("%.", "/")
          local exists = io.open("lua/" .. found .. ".lua") or io.open("lua/" .. found .. "/init.lua")
          if exists and not package.loaded[name] then print(path .. " " .. name) end
        end
        file:close()
      end]]
    for line in missing:gmatch "[^\n]+" do
      local path, name = line:match "^(%S+) (%S+)$"
      assert.is_truthy(path, missing)
      local file = "lua/" .. name:gsub("%.", "/")
      assert.is_truthy(is_apart(path) or is_apart(file .. ".lua") or is_apart(file .. "/"), line)
    end
  end)

  it("leaves nothing to be loaded: without its files all goes on", function()
    local said = run([[
      local airlock = require "airlock"
      assert(airlock.preload())
      ]] .. gone .. [[
      local client = airlock.provider("gitlab", { client_id = "c", client_secret = "s", url = "http://127.0.0.1:1" })
      for _, call in ipairs {
        function() return client:login { scope = "s", timeout = 0.2, open = function() end } end,
        function() return client:device_code { scope = "s" } end,
        function() return airlock.discover("http://127.0.0.1:1", { client_id = "c" }) end,
        function() return client:jwt_bearer({ assertion = "a.b.c" }):token() end,
        function() return client:client_credentials():get "x" end,
      } do print(select(3, call()).code) end]])
    assert.equal("timeout\nconnect\nconnect\nconnect\nconnect\n", said:match "timeout.*")
  end)

  it("fails where a module is missing, and so does a method that needs it; none raises", function()
    local said = run([[
      local airlock = require "airlock"
      local client = airlock.client { token_endpoint = "http://127.0.0.1:1/", client_id = "c", client_secret = "s",
        introspection_endpoint = "http://127.0.0.1:1/" }
      ]] .. gone .. [[
      for _, call in ipairs { airlock.preload, function() return client:login() end,
        function() return client:introspect "t" end } do
        local value, message, detail = call()
        print(value, detail.kind, detail.code, message:find "can't be loaded" ~= nil)
      end]])
    assert.equal(("nil\tnetwork\tmissing_module\ttrue\n"):rep(3), said)
  end)

  it("keeps a login alive among strangers who would take all descriptors", function()
    if not pcall(require, "argparse") then pending "lua-argparse isn't installed" end
    local space, home, strangers = stage.space(), command.home(), {}
    local job = command.start({ "login", "--no-open" }, { home = home, shell = "ulimit -n 64; exec AIRLOCK",
      env = { AIRLOCK_URL = space.url, AIRLOCK_CLIENT_ID = space.applications.native.client_id,
        AIRLOCK_SCOPE = "global:Profile.View" } })
    local url
    command.pass(function()
      url = command.said(job):match "\n  (http%S+/oauth/auth%S+)"
      return url or command.ended(job)
    end)
    local port = tonumber(assert(url, command.said(job)):match "127%.0%.0%.1%%3A(%d+)%%2F")
    for i = 1, 200 do
      strangers[i] = assert(socket.connect("127.0.0.1", port))
    end
    local answer = curl.run { space:approve(url) }
    for _, each in ipairs(strangers) do each:close() end
    assert.equal(200, answer.status)
    assert.equal(0, command.wait(job).rc, job.err)
  end)

  it("is called in nginx's init_by_lua", function()
    if nginx.without_lua() then pending(nginx.without_lua()) end
    local web = phases.start 'airlock = require "airlock"'
    local loaded = phases.run(web, [[
      return package.loaded["airlock.grant.device"] ~= nil, package.loaded["airlock.providers.slack"] ~= nil,
        package.loaded["airlock.session.login"] ~= nil]])
    assert.same({ true, true, true }, loaded)
  end)
end)
