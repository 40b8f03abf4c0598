-- examples/mcp against the official server of the Model Context Protocol: its authorization, its tools, its streams; in
-- this script and in a real Neovim.

local core = require "airlock.core"
local curl = require "spec.support.curl"
local nvim = require "spec.support.nvim"
local protected = require "spec.support.protected"
local stage = require "spec.support.stage"

local client = dofile "examples/mcp/client.lua"
local modules = "build/mcp/node_modules"

local function obstacle()
  if not stage.read(modules .. "/@modelcontextprotocol/sdk/package.json") then
    return "the Model Context Protocol's SDK is missing (tools/npm spec/mcp gets it)"
  end
  if os.execute "command -v node >/dev/null" ~= (_VERSION == "Lua 5.1" and 0 or true)
    and os.execute "command -v node >/dev/null" ~= 0 then return "node is missing" end
end

describe("the Model Context Protocol", function()
  after_each(stage.clear)

  local missing = obstacle()
  local function case(rule, f)
    it(rule, function()
      if missing then return pending(missing) end
      return f()
    end)
  end

  -- The official server, and who gives tokens for it.
  local function start(more)
    local server = protected.server()
    local out = stage.folder() .. "/out"
    local pipe = assert(io.popen(("unset LD_PRELOAD; exec node spec/mcp/server.mjs >'%s' 2>'%s.err'"):format(out, out),
      "w"))
    stage.keep(function() pipe:close() end)
    local given = { metadata = server.metadata, jwks_uri = server.space.url .. "/oauth/jwks.json" }
    for name, value in pairs(more or {}) do given[name] = value end
    pipe:write(core.json.encode(given), "\n")
    pipe:flush()
    curl.pass(20, function() return (stage.read(out) or ""):find "\n" ~= nil end)
    return core.json.decode(stage.read(out)).url, server, out
  end

  local function names(tools)
    local out = {}
    for i, tool in ipairs(tools) do out[i] = tool.name end
    table.sort(out)
    return table.concat(out, " ")
  end

  local kinds = { ["in streams"] = {}, ["in JSON"] = { json = true }, ["without sessions"] = { stateless = true },
    ["by the revision before"] = { protocol = "2025-06-18" } }

  for kind, more in pairs(kinds) do
    case("lets a program in by the address alone, and answers " .. kind, function()
      local url, server = start(more)
      local seen = {}
      local mcp = assert(client.connect(url, { login = protected.login(server), protocol = more.protocol,
        on_message = function(message) seen[#seen + 1] = message.params.data end }))
      assert.equal("spec", mcp.server.name)
      assert.equal(more.protocol or "2025-11-25", mcp.headers["MCP-Protocol-Version"])
      assert.equal("add count", names(assert(mcp:tools())))
      assert.equal("5", mcp:tool("add", { a = 2, b = 3 }))
      assert.equal("counted to 40", mcp:tool("count", { to = 40 }))
      if not more.json then assert.equal(40, #seen) end
      local text, why = mcp:tool("add", { a = "x" })
      assert.is_nil(text)
      assert.is_truthy(why:find("number", 1, true), why)
      mcp:close()
      assert.equal(1, server.logins)
      assert.equal(1, server.space:count "/oauth/register")
    end)
  end

  case("is spoken in a real Neovim, whose timers go on", function()
    local why = nvim.missing()
    if why then return pending(why) end
    local url, server = start()
    local code = stage.folder() .. "/code"
    local text = ([[
      package.path = HERE .. "/examples/mcp/?.lua;" .. package.path
      local client, ticks = require "client", 0
      local timer = vim.loop.new_timer()
      timer:start(1, 1, function() ticks = ticks + 1 end)
      local luv = require "airlock.loop.luv"
      local over
      luv.spawn(function()
        local mcp, why = client.connect(URL, { loop = luv, login = "device", login_options = {
          on_code = function(device)
            local file = io.open(CODE .. ".part", "w")
            file:write(device.user_code)
            file:close()
            os.rename(CODE .. ".part", CODE)
          end } })
        if not mcp then over = { why = why } return end
        over = { sum = mcp:tool("add", { a = 20, b = 22 }), count = mcp:tool("count", { to = 200 }) }
      end)
      till(30, function() return over ~= nil end)
      over.ticks = ticks
      tell(over)
      leave()
    ]]):gsub("URL", ("%q"):format(url)):gsub("CODE", ("%q"):format(code))
      :gsub("HERE", ("%q"):format(stage.shell("pwd"):match "[^\n]+"))
    local run = nvim.start(text)
    curl.pass(30, function() return stage.read(code) ~= nil end)
    assert(server.space:enter_device_code(stage.read(code)))
    local told = nvim.wait(run)[1]
    assert.same({ "42", "counted to 200" }, { told.sum, told.count }, told.why)
    assert.is_true(told.ticks > 10)
  end)
end)

