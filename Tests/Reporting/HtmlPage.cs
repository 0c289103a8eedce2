using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>A small strict reader of HTML: fails the test on anything a browser would have to repair.</summary>
internal sealed class HtmlPage
{
    private static readonly HashSet<string> s_void = ["meta", "img", "br", "hr", "link", "input", "source"];
    private readonly string _text;
    private int _at;

    private HtmlPage(string text) => _text = text;

    /// <summary>Every start tag with its attributes, in order.</summary>
    public List<(string Name, Dictionary<string, string> Attributes)> Tags { get; } = [];

    /// <summary>What stands between tags, undecoded, scripts and styles left out.</summary>
    public List<string> Texts { get; } = [];

    /// <summary>Contents of script and style elements by name.</summary>
    public Dictionary<string, string> Raw { get; } = [];

    public static HtmlPage Read(string text)
    {
        var page = new HtmlPage(text);
        page.Read();
        return page;
    }

    /// <summary>The values of one attribute on all elements.</summary>
    public List<string> Values(string attribute) =>
        [.. Tags.Where(tag => tag.Attributes.ContainsKey(attribute)).Select(tag => tag.Attributes[attribute])];

    private void Read()
    {
        var open = new Stack<string>();
        Assert.That(_text, Does.StartWith("<!DOCTYPE html>"));
        _at = "<!DOCTYPE html>".Length;
        while (_at < _text.Length)
        {
            var next = _text.IndexOf('<', _at);
            if (next < 0) next = _text.Length;
            if (next > _at) Texts.Add(_text[_at..next]);
            _at = next;
            if (_at == _text.Length) break;
            if (_text[_at + 1] == '/')
            {
                var end = _text.IndexOf('>', _at);
                var name = _text[(_at + 2)..end];
                Assert.That(open, Is.Not.Empty, "nothing is open at </" + name + ">");
                Assert.That(open.Pop(), Is.EqualTo(name), Around());
                _at = end + 1;
                continue;
            }
            var tag = StartTag(out var closed);
            if (closed || s_void.Contains(tag)) continue;
            if (tag is "script" or "style")
            {
                var end = _text.IndexOf("</" + tag + ">", _at, StringComparison.Ordinal);
                Raw.Add(tag, _text[_at..end]);
                _at = end;
            }
            open.Push(tag);
        }
        Assert.That(open, Is.Empty);
    }

    private string StartTag(out bool closed)
    {
        _at++;
        var name = Word();
        Assert.That(name, Is.Not.Empty, Around());
        var attributes = new Dictionary<string, string>();
        while (true)
        {
            while (char.IsWhiteSpace(_text[_at])) _at++;
            if (_text[_at] is '>' or '/') break;
            var attribute = Word();
            Assert.That(attribute, Is.Not.Empty, Around());
            var value = "";
            if (_text[_at] == '=')
            {
                Assert.That(_text[_at + 1], Is.EqualTo('"'), Around());
                var end = _text.IndexOf('"', _at + 2);
                value = _text[(_at + 2)..end];
                Assert.That(value, Does.Not.Contain("<"), attribute);
                _at = end + 1;
            }
            Assert.That(attributes.TryAdd(attribute, value), Is.True, "twice: " + attribute + ", " + Around());
        }
        closed = _text[_at] == '/';
        if (closed) _at++;
        Assert.That(_text[_at], Is.EqualTo('>'), Around());
        _at++;
        Tags.Add((name, attributes));
        return name;
    }

    private string Word()
    {
        var start = _at;
        while (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] is '-' or ':') _at++;
        return _text[start.._at];
    }

    private string Around() => _text[Math.Max(0, _at - 80)..Math.Min(_text.Length, _at + 80)];
}
