--- Pages: HTML with everything in it escaped, and headers that keep it to itself.
local page = {}

local escapes = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }

--- Text as it may stand in HTML.
function page.escape(text)
  return (tostring(text):gsub("[&<>\"']", escapes))
end

local outline = [[
<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>%s</title>
<h1>%s</h1>
%s
]]

--- Answers with a page; `content` is HTML already.
function page.show(status, title, content)
  ngx.status = status
  ngx.header["Content-Type"] = "text/html; charset=utf-8"
  ngx.header["Cache-Control"] = "no-store"
  ngx.header["Content-Security-Policy"] =
    "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
  ngx.header["Referrer-Policy"] = "no-referrer"
  ngx.header["X-Content-Type-Options"] = "nosniff"
  ngx.print(outline:format(page.escape(title), page.escape(title), content))
end

--- Sends the browser elsewhere, with a GET.
function page.send(url)
  ngx.header["Cache-Control"] = "no-store"
  ngx.header["Referrer-Policy"] = "no-referrer"
  ngx.redirect(url, 303)
end

return page
