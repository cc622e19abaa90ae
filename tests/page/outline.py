"""Reads a page as html.parser sees it and says what is wrong with it, without a browser."""

import html.parser

VOID = {"meta", "input", "br", "img", "link", "hr"}
LOADING = {"src", "srcset", "data", "poster", "background", "xlink:href"}


class Outline(html.parser.HTMLParser):
    """Collects elements and problems; finish() adds what is known at the end only."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.problems, self.elements, self.texts = [], [], [], []
        self.ids, self.wanted = set(), []
        self.feed(text)
        self.close()
        self.finish()

    def problem(self, text):
        self.problems.append(f"line {self.getpos()[0]}: {text}")

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        if len(named) != len(attrs):
            self.problem(f"<{tag}> has an attribute twice")
        self.elements.append((tag, named))
        if named.get("id") in self.ids:
            self.problem(f"two elements have the id {named['id']}")
        if "id" in named:
            self.ids.add(named["id"])
        if tag == "label" and "for" in named:
            self.wanted.append(named["for"])
        if named.get("href", "#").startswith("#"):
            self.wanted += [named["href"][1:]] if "href" in named else []
        else:
            self.problem(f"<{tag}> leads to {named['href']}")
        for name in named:
            if name in LOADING or name.startswith("on") or name == "style":
                self.problem(f"<{tag}> has {name}")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open[-1] != tag:
            self.problem(f"</{tag}> ends {self.open[-1:] or 'nothing'}")
        else:
            self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("script", "style"):
            self.texts.append(data)

    def finish(self):
        self.problems += [f"<{tag}> is not ended" for tag in self.open]
        self.problems += [f"nothing has the id {name}" for name in self.wanted
                          if name not in self.ids]
        for tag, named in self.elements:
            if tag == "th" and named.get("scope") not in ("row", "col"):
                self.problems.append("a th has no scope")
            if tag == "svg" and "aria-hidden" not in named and not named.get("aria-label"):
                self.problems.append("an svg says nothing")
        if self.count("table") != self.count("caption"):
            self.problems.append("a table has no caption")
        if self.elements[0] != ("html", {"lang": "en"}):
            self.problems.append("the page does not say its language")
        if self.count("h1") != 1 or self.count("title") != 1 or self.count("main") != 1:
            self.problems.append("one h1, one title and one main make a page")

    def count(self, tag):
        return sum(name == tag for name, _ in self.elements)
