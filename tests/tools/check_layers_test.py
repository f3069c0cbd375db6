"""Facts about tools/check_layers.py, each on a small tree made for it."""

import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
import check_layers  # noqa: E402


class CheckLayersTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.write("samara/base/CMakeLists.txt", "samara_module(base LIBS fmt::fmt)")
        self.write("samara/domain/CMakeLists.txt", "samara_module(domain DEPENDS base)")
        self.write("samara/domain/walk/CMakeLists.txt",
                   "# the walk\nsamara_module(domain/walk\n  DEPENDS base domain\n  PRIVATE_LIBS base2)")

    def write(self, path, text):
        path = self.root / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")

    def errors(self):
        return check_layers.check(self.root)[0]

    def test_declared_own_and_foreign_includes_pass(self):
        self.write("samara/domain/walk/walk.h",
                   '#include <vector>\n#include <box2d/box2d.h>\n#include "nlohmann/json.hpp"\n'
                   '#include "samara/base/rng.h"\n#include "samara/domain/domain.h"\n'
                   '#include "samara/domain/walk/internal/step.h"')
        self.assertEqual(self.errors(), [])

    def test_an_include_that_points_up_names_file_line_and_what_to_do(self):
        self.write("samara/base/rng.h", '#pragma once\n#include "samara/domain/domain.h"')
        (error,) = self.errors()
        self.assertIn('samara/base/rng.h:2: #include "samara/domain/domain.h"', error)
        self.assertIn("module base may not use domain", error)
        self.assertIn("DEPENDS in samara/base/CMakeLists.txt", error)

    def test_a_nested_module_is_not_part_of_the_one_around_it(self):
        self.write("samara/domain/domain.cc", '#include "samara/domain/walk/walk.h"')
        (error,) = self.errors()
        self.assertIn("module domain may not use domain/walk", error)

    def test_angle_brackets_and_tests_are_checked_too(self):
        self.write("samara/base/rng_test.cc", "  #  include <samara/domain/domain.h>")
        self.assertEqual(len(self.errors()), 1)

    def test_libraries_are_no_modules(self):
        self.write("samara/domain/walk/walk.h", '#include "samara/base2/x.h"')
        self.assertIn("no module has this folder", self.errors()[0])

    def test_internal_is_for_its_module_alone(self):
        self.write("samara/domain/domain.cc", '#include "samara/base/internal/philox.h"')
        self.assertIn("for base alone", self.errors()[0])

    def test_an_include_beside_the_file_is_no_way_around(self):
        self.write("samara/domain/domain.h", "")
        self.write("samara/domain/walk/walk.h", '#include "../domain.h"')
        self.assertIn("from the repository's root", self.errors()[0])

    def test_cycles_unknown_modules_and_homeless_files_are_errors(self):
        self.write("samara/base/CMakeLists.txt", "samara_module(base DEPENDS domain/walk nowhere)")
        self.write("samara/stray/x.cc", "")
        circle, homeless = "base -> domain/walk -> base", "samara/stray/x.cc: belongs to no module"
        for part in (circle, homeless, "DEPENDS names nowhere"):
            self.assertTrue(any(part in error for error in self.errors()), part)

    def test_a_module_is_named_after_its_folder(self):
        self.write("samara/store/CMakeLists.txt", "samara_module(shop DEPENDS base)")
        self.assertIn("module shop is declared in the folder of store", self.errors()[0])


if __name__ == "__main__":
    unittest.main()
