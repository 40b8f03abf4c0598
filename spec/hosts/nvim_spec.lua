-- In a real Neovim nothing freezes, callbacks may use its API, and its user can log in.

local curl = require "spec.support.curl"
local nvim = require "spec.support.nvim"
local raw = require "spec.support.raw"
local opener = require "spec.support.opener"
local stage = require "spec.support.stage"

describe("Neovim", function()
  after_each(stage.clear)

  local missing = nvim.missing()
  local function case(rule, f)
    it(rule, function()
      if missing then return pending(missing) end
      return f()
    end)
  end

  -- A timer of 1 ms ticks, first alone and then beside 100 requests; told are the longest gaps, and the longest step of
  -- ours.
  local busy = [[
    local engine = require "airlock.loop"
    local step, longest = engine.step, 0
    function engine.step()
      local from = clock()
      step()
      longest = math.max(longest, clock() - from)
    end
    local airlock, luv = require "airlock", require "airlock.loop.luv"
    local session = airlock.client { base_url = URL, loop = luv }:permanent_token "permanent"
    local last, gap, ticks
    local function watch() last, gap, ticks = clock(), 0, 0 end
    local timer = vim.loop.new_timer()
    timer:start(1, 1, function()
      local now = clock()
      last, gap, ticks = now, math.max(gap, now - last), ticks + 1
    end)
    watch()
    till(0.4, function() return false end)
    local alone = gap
    local left, sound = 100, 0
    watch()
    for i = 1, 100 do
      session:get("n" .. i, function(value)
        left = left - 1
        if value == "/n" .. i and vim.api.nvim_get_mode() then sound = sound + 1 end
      end)
    end
    till(10, function() return left == 0 end)
    tell { alone = alone, gap = gap, ticks = ticks, step = longest, sound = sound }
    leave()
  ]]

  case("ticks on while 100 requests of 200 ms are under way", function()
    local url = stage.server(function(x) x:reply { body = ("%q"):format(x.path), delay = 0.2 } end)
    local best = { step = 1e9, gap = 1e9 }
    for _ = 1, 5 do -- a gap that is ours is there every time
      local told = nvim.run((busy:gsub("URL", ("%q"):format(url))))[1]
      assert.equal(100, told.sound)
      for name, value in pairs(best) do best[name] = math.min(value, told[name]) end
      if best.step < 15 and best.gap < 15 then break end
    end
    assert.is_true(best.step < 15, ("a step took %.1f ms"):format(best.step))
    assert.is_true(best.gap < 15, ("a gap of %.1f ms"):format(best.gap))
  end)

  -- The same beside a list of 10 MB: got, decoded and gone through.
  local large = [[
    local airlock, luv = require "airlock", require "airlock.loop.luv"
    local session = airlock.client { base_url = URL, loop = luv }:permanent_token "permanent"
    local last, gap
    local function watch() last, gap = clock(), 0 end
    local timer = vim.loop.new_timer()
    timer:start(1, 1, function()
      local now = clock()
      last, gap = now, math.max(gap, now - last)
    end)
    watch()
    local count
    CALL
    till(50, function() return count end)
    till(0.05, function() return false end)
    tell { gap = gap, count = count }
    leave()
  ]]

  case("ticks on while 10 MB of JSON come and are decoded", function()
    local item = '{"id":1234567,"name":"a name of some length","tags":["one","two"],"weight":1.5,"gone":null}'
    local n = math.ceil(10e6 / #item)
    local body = "[" .. (item .. ","):rep(n - 1) .. item .. "]"
    local url = stage.server(function(x) x:reply { body = body } end)
    for what, call in pairs { get = "session:get('x', function(value) count = #value end)",
      each = [[luv.spawn(function()
        local n = 0
        for _ in session:each "x" do n = n + 1 end
        count = n
      end)]] } do
      local best = 1e9
      for _ = 1, 5 do -- a gap that is ours is there every time
        local told = nvim.run((large:gsub("URL", ("%q"):format(url)):gsub("CALL", function() return call end)))[1]
        assert.equal(n, told.count)
        best = math.min(best, told.gap)
        if best < 15 then break end
      end
      assert.is_true(best < 15, ("%s: a gap of %.1f ms"):format(what, best))
    end
  end)

  -- As a new user has it: the plugin on the runtime path, Airlock where LUA_PATH and LUA_CPATH say.
  local function plugin(space, text, environment)
    local setup = ([[
      vim.o.runtimepath = vim.o.runtimepath .. ",%s/examples/nvim"
      vim.cmd "runtime plugin/space.lua"
      local said = {}
      vim.notify = function(what) said[#said + 1] = what end
      local function heard(what)
        if not till(20, function() return said[#said] == what end) then error("heard only " .. vim.inspect(said)) end
      end
      require("space").setup { url = %q, client_id = %q }
    ]]):format(stage.shell("pwd"):match "%S+", space.url, space.applications.native.client_id)
    return nvim.start(setup .. text, environment)
  end

  -- An opener that writes down what it is given, and what a person does who finds the page open.
  local function browser()
    return opener.new()
  end

  local function person(space, folder, then_)
    local gone = false
    return function()
      local url = not gone and stage.read(folder .. "/url")
      if not url then return end
      gone = true
      then_(space:approve(url:match "%S+", { person = "bob.second" }))
    end
  end

  case("logs its user in by the platform's opener, shows what it gets, and logs out", function()
    local space, folder = stage.space(), browser()
    local job = plugin(space, [[
      vim.cmd "SpaceLogin"
      heard "Space: logged in as bob.second"
      vim.cmd "SpaceProjects"
      till(10, function() return vim.fn.bufnr "$" > 1 and vim.fn.line "$" > 1 end)
      tell(vim.api.nvim_buf_get_lines(0, 0, -1, false))
      vim.cmd "SpaceLogout"
      heard "Space: logged out"
      leave()
    ]], { DISPLAY = ":99", PATH = folder .. ":" .. os.getenv "PATH" })
    local told = nvim.wait(job, person(space, folder, function(redirect)
      curl.start { redirect }
    end))
    assert.equal(0, job.rc, job.err)
    assert.equal(25, #told[1])
    assert.is_truthy(told[1][1]:find "^%S+\t.*Project", told[1][1])
  end)

  case("logs its user in by vim.ui.open, where it has that", function()
    local space, folder = stage.space(), browser()
    local job = plugin(space, [[
      vim.ui.open = function(url)
        return vim.fn.system({ "xdg-open", url }) and vim.v.shell_error == 0 and {}
      end
      vim.cmd "SpaceLogin"
      heard "Space: logged in as bob.second"
      leave()
    ]], { DISPLAY = ":99", PATH = folder .. ":" .. os.getenv "PATH" })
    nvim.wait(job, person(space, folder, function(redirect) curl.start { redirect } end))
    assert.equal(0, job.rc, job.err)
  end)

  for _, way in ipairs { "Neovim's own way", "a vim.ui.open of the user's" } do
    case(("keeps its secrets from the opener, called by %s"):format(way), function()
      local folder = stage.folder()
      local own = way:find "user" and [[
        vim.ui.open = function(url)
          return vim.fn.system({ "xdg-open", url }) and vim.v.shell_error == 0 and {}
        end]] or ""
      stage.write(folder .. "/xdg-open", ("#!/bin/sh\nenv >'%s/new'; mv '%s/new' '%s/env'\n"):format(folder, folder,
        folder))
      stage.shell(("chmod +x '%s/xdg-open'"):format(folder))
      local told = nvim.run(own .. ([[
        require("airlock.loop.luv").open("http://127.0.0.1/", function() return true end)
        assert(till(20, function() return vim.fn.filereadable("%s/env") == 1 end), "nothing was opened")
        tell { vim.env.AIRLOCK_CLIENT_SECRET, vim.env.GITHUB_TOKEN }
        leave()
      ]]):format(folder), { DISPLAY = ":99", PATH = folder .. ":" .. os.getenv "PATH",
        AIRLOCK_CLIENT_SECRET = "canary-1", GITHUB_TOKEN = "canary-2", PLAIN = "canary-3" })[1]
      assert.same({ "canary-1", "canary-2" }, told)
      local seen = stage.read(folder .. "/env")
      assert.is_truthy(seen:find("PLAIN=canary-3", 1, true) and seen:find("PATH=", 1, true), seen)
      assert.is_nil(seen:find "canary%-[12]", seen)
    end)
  end

  case("asks for the address where there is no browser, and says when it is another", function()
    local space = stage.space()
    local folder = stage.folder()
    local job = plugin(space, ([[
      vim.ui.input = function(options, back)
        vim.fn.writefile({ options.prompt:match "http%%S+" }, %q)
        vim.fn.rename(%q, %q)
        till(20, function() return vim.fn.filereadable(%q) == 1 end)
        back "http://127.0.0.1/callback?code=x&state=y"
        back(vim.fn.readfile(%q)[1])
      end
      vim.cmd "SpaceLogin"
      heard "Space: logged in as bob.second"
      tell(said)
      leave()
    ]]):format(folder .. "/new", folder .. "/new", folder .. "/url", folder .. "/redirect", folder .. "/redirect"))
    local told = nvim.wait(job, person(space, folder, function(redirect)
      stage.shell(("echo '%s' >%s/redirect.new; mv %s/redirect.new %s/redirect"):format(redirect, folder, folder,
        folder))
    end))
    assert.equal(0, job.rc, job.err)
    assert.is_truthy(told[1][1]:find "isn't the address")
  end)

  -- What :checkhealth says of Airlock, whose runtime files lie in this folder.
  local function health(folder, environment)
    return nvim.run(([[
      vim.o.runtimepath = vim.o.runtimepath .. ",%s"
      vim.cmd "checkhealth airlock"
      tell(table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n"))
      leave()
    ]]):format(folder), environment)[1]
  end
  local checkout = stage.shell("pwd"):match "%S+"

  case("is well, says :checkhealth airlock", function()
    local told = health(checkout)
    assert.is_truthy(told:find("calls wait in Neovim's loop", 1, true), told)
    assert.is_truthy(told:find("version " .. require("airlock.core").version, 1, true), told)
    assert.is_truthy(told:find("runs LuaJIT", 1, true), told)
    assert.is_truthy(told:find "store = true keeps tokens in %S+/airlock, which holds 0 records", told)
    assert.is_nil(told:find "ERROR", told)
  end)

  case("hears from :checkhealth airlock what a login will do", function()
    local told = health(checkout)
    assert.is_truthy(told:find("asks for the address that a browser elsewhere ends at: there is no screen", 1, true),
      told)
    told = health(checkout, { DISPLAY = ":99", PATH = opener.new() .. ":" .. os.getenv "PATH" })
    assert.is_truthy(told:find("a login opens the browser by xdg-open", 1, true), told)
  end)

  case("is not well, says :checkhealth airlock, where Airlock isn't built", function()
    local folder = stage.folder()
    stage.shell(("mkdir -p '%s/lua/airlock' && cp lua/airlock/*.lua '%s/lua/airlock/' && touch '%s/Makefile'")
      :format(folder, folder, folder))
    local told = health(folder, { LUA_PATH = ";;", LUA_CPATH = ";;" })
    assert.is_truthy(told:find("airlock.core can't be loaded", 1, true), told)
    assert.is_truthy(told:find("make -C '" .. folder .. "' nvim", 1, true), told)
  end)

  case("may use its API in callbacks and coroutines, and shows their errors, which stop nothing else", function()
    local url = stage.server(function(x) x:reply { body = "7", delay = 0.02 } end)
    local told, job = nvim.run(([[
      local luv = require "airlock.loop.luv"
      local session = require("airlock").client { base_url = %q, loop = luv }:permanent_token "permanent"
      local lines, seen = {}, 0
      local function write(text)
        assert(not vim.in_fast_event())
        vim.api.nvim_buf_set_lines(0, -1, -1, false, { text })
      end
      session:get("a", function(value)
        write("callback " .. value)
        error "the callback's own"
      end)
      luv.spawn(function()
        write("coroutine " .. session:get "b")
        error "the coroutine's own"
      end)
      luv.spawn(function()
        for i = 1, 3 do write("goes on " .. session:get("c" .. i)) end
        seen = 3
      end)
      session:token(function(token) write("token " .. token) end)
      assert(vim.api.nvim_buf_line_count(0) == 1) -- none is called before its method has come back
      assert(till(10, function() return seen == 3 and vim.api.nvim_buf_line_count(0) == 7 end))
      local lines = vim.api.nvim_buf_get_lines(0, 1, -1, false)
      table.sort(lines)
      tell(lines)
      leave()
    ]]):format(url))
    assert.same({ "callback 7", "coroutine 7", "goes on 7", "goes on 7", "goes on 7", "token permanent" }, told[1])
    for _, words in ipairs { "the callback's own", "the coroutine's own" } do
      assert.is_truthy(job.err:find(words, 1, true), job.err)
    end
  end)

  case("that unloads Airlock lets go of what was under way, and may load it again", function()
    local silent, listener = raw.listen(function() return nil end)
    local url = stage.server(function(x)
      local transfer = listener.connections[1]
      x:reply { body = x.path == "/there" and tostring(transfer ~= nil)
        or x.path == "/over" and tostring(transfer and transfer.over or false) or '"after"', delay = 0.02 }
    end)
    local told = nvim.run(([[
      local function session(url)
        return require("airlock").client { base_url = url,
          loop = require "airlock.loop.luv" }:permanent_token "permanent"
      end
      local got = {}
      session(%q):get("never", function(value) got[#got + 1] = value or "an end" end)
      assert(till(10, function() return session(%q):get "there" end), "no transfer is under way")
      for name in pairs(package.loaded) do
        if name:find "^airlock" then package.loaded[name] = nil end
      end
      collectgarbage()
      collectgarbage()
      till(0.1, function() return false end)
      local anew = session(%q)
      anew:get("after", function(value) got[#got + 1] = value end)
      assert(till(10, function() return #got > 0 end))
      assert(till(10, function()
        collectgarbage()
        return anew:get "over"
      end), "the transfer is still there")
      tell(got)
      leave()
    ]]):format(silent, url, url))
    assert.same({ "after" }, told[1])
  end)
end)
