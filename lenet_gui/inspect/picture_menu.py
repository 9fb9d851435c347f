"""The context menu of a map: its picture, its layer's and its kernels', copied or saved."""

from __future__ import annotations

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QMenu, QWidget

from lenet_gui.inspect.common.image_files import Mosaic, ask_where_to_save_mosaic, copy, copy_values
from lenet_gui.inspect.common.inspection import Inspection, map_name
from lenet_gui.inspect.common.value_cells import ValueCells
from lenet_gui.inspect.enlarged_map import EnlargedPage
from lenet_gui.inspect.shading import Shading, find_incoming_weights
from trainer.networks.anatomy import Unit
from trainer.translation import gettext as _


def build_menu(
    parent: QWidget,
    inspection: Inspection,
    unit: Unit,
    shading: Shading,
    message: SignalInstance,
) -> QMenu:
    """What can be copied or saved of a unit's map, as it is shown now; deletes itself.

    Args:
        parent: the window part that asks where to save.
        inspection: whose values.
        unit: of the map; of a flat stage, the whole stage is one picture.
        shading: the picture's colors, and which values and kernels.
        message: is emitted with what became of it.
    """
    menu = QMenu(parent)
    menu.setObjectName("picture_menu")
    menu.setToolTipsVisible(True)
    menu.aboutToHide.connect(menu.deleteLater)
    mosaics = list_mosaics(inspection, unit, shading)
    for mosaic in mosaics:
        action = menu.addAction(_("Copy picture of {name}").format(name=mosaic.name))
        action.triggered.connect(lambda _=False, it=mosaic: copy(it, message))
    if mosaics and inspection.prediction is not None:
        action = menu.addAction(_("Copy values of {name}").format(name=mosaics[0].name))
        action.setToolTip(_("As a table, for a spreadsheet"))
        action.triggered.connect(lambda _=False, it=mosaics[0]: copy_values(it, message))
    menu.addSeparator()
    for mosaic in mosaics:
        action = menu.addAction(_("Save {name}…").format(name=mosaic.name))
        action.setToolTip(_("As a picture (PNG, SVG) or with all its digits (NPY)"))
        name = f"{inspection.model.name} {mosaic.name}"
        action.triggered.connect(
            lambda _=False, it=mosaic, called=name: ask_where_to_save_mosaic(
                parent, it, called, message
            )
        )
    if not mosaics:
        menu.addAction(_("There is nothing to copy yet: draw something")).setEnabled(False)
    return menu


def list_mosaics(inspection: Inspection, unit: Unit, shading: Shading) -> list[Mosaic]:
    """The map, all maps of its stage, and its kernels or weights, as far as there are any."""
    page, mosaics = EnlargedPage(inspection, unit, shading), []
    stage = page.stage
    if page.cells is not None:
        values = inspection.values(unit.stage, shading.before)
        assert values is not None
        if stage.flat:
            mosaics.append(Mosaic(stage.name, (page.cells,), values[:, 0, 0]))
        else:
            name = map_name(stage, unit.map)
            mosaics.append(Mosaic(name, (page.cells,), page.cells.values))
            if len(values) > 1:
                levels, table = shading.levels(inspection, unit.stage), page.cells.table
                blocks = [ValueCells(*pair, table) for pair in zip(values, levels, strict=True)]
                mosaics.append(
                    Mosaic(_("all maps of {name}").format(name=stage.name), tuple(blocks), values)
                )
    if stage.sees:
        weights, _other = find_incoming_weights(
            inspection.model, inspection.stages, unit, shading.kernels
        )
        drawn = [group for group in page.groups if group.of_weights]
        if weights is not None and drawn:
            name = map_name(stage, unit.map, inspection.model.classes)
            cells = tuple(each for _other, each in drawn[0].blocks)
            mosaics.append(Mosaic(_("the weights of {name}").format(name=name), cells, weights))
    return mosaics
