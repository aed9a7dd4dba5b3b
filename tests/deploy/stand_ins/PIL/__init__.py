"""Stands in for Pillow, which images of sample applications install: no picture is made in tests."""

from types import SimpleNamespace


class _Picture:
    def __enter__(self):
        return self

    def __exit__(self, *exception):
        return None

    def thumbnail(self, size):
        self.size = size

    def save(self, target, kind=None):
        target.write(b"picture")


Image = SimpleNamespace(open=lambda file: _Picture())
