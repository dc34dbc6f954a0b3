"""Does in QGIS, without a window, what the job on standard input says, and writes the answer as JSON."""

import json
import sys
import urllib.parse

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsDateTimeRange,
    QgsFeatureRequest,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsRectangle,
    QgsSettings,
    QgsVectorLayer,
    QgsVectorLayerTemporalContext,
    QgsVectorLayerTemporalProperties,
    QgsVectorTileLayer,
)
from qgis.PyQt.QtCore import QDate, QDateTime, QSize, Qt


def connection(job):
    """The layers under a connection of the browser that has only an address."""
    settings = QgsSettings()
    settings.setValue("qgis/connections-wfs/kharita/url", job["server"])
    settings.setValue("qgis/connections-wfs/kharita/version", "OGC_API_FEATURES")
    for provider in QgsApplication.dataItemProviderRegistry().providers():
        if provider.name() == "WFS":
            return [item.uri() for item in provider.createDataItem("wfs:/kharita", None).createChildren()]
    return []


def plain(value):
    if isinstance(value, QDateTime):
        return value.toUTC().toString("yyyy-MM-ddTHH:mm:ss.zzzZ") if value.isValid() else None
    if isinstance(value, QDate):
        return value.toString(Qt.ISODate) if value.isValid() else None
    if value is None or value.__class__.__name__ == "QVariant":
        return None
    return value


def features(job):
    """Fields and features of a layer of OGC API Features: all, or those of a box, an expression, a time."""
    uri = f"restrictToRequestBBOX='1' url='{job['server']}' typename='{job['layer']}' pageSize='{job['page']}'"
    layer = QgsVectorLayer(uri, "layer", "OAPIF")
    if not layer.isValid():
        return {"error": layer.error().message()}
    request = QgsFeatureRequest()
    if "filter" in job and not layer.setSubsetString(job["filter"]):
        return {"error": "filter refused"}
    if "box" in job:
        request.setFilterRect(QgsRectangle(*job["box"]))
    if "time" in job:  # as the temporal controller does
        temporal = layer.temporalProperties()
        temporal.setMode(QgsVectorLayerTemporalProperties.ModeFeatureDateTimeStartAndEndFromFields)
        temporal.setStartField("valid_from")
        temporal.setEndField("valid_until")
        temporal.setIsActive(True)
        context = QgsVectorLayerTemporalContext()
        context.setLayer(layer)
        begin, end = (QDateTime.fromString(text, Qt.ISODate) for text in job["time"])
        request.setFilterExpression(temporal.createFilterString(context, QgsDateTimeRange(begin, end)))
    found = [
        {
            "geometry": json.loads(feature.geometry().asJson(9)) if feature.hasGeometry() else None,
            "properties": {f.name(): plain(v) for f, v in zip(layer.fields(), feature.attributes())},
        }
        for feature in layer.getFeatures(request)
    ]
    return {
        "types": {field.name(): field.typeName() for field in layer.fields()},
        "features": found,
        "count": layer.featureCount(),  # which may fetch all
    }


def picture(job):
    """Draws vector tiles with a style into a file, and counts its colours."""
    uri = f"type=xyz&url={urllib.parse.quote(job['tiles'])}&zmin=0&zmax=14&styleUrl={urllib.parse.quote(job['style'])}"
    layer = QgsVectorTileLayer(uri, "tiles")
    if not layer.isValid():
        return {"error": layer.error().message()}
    message, styled = layer.loadDefaultStyle()
    if not styled:
        return {"error": message}
    mercator = QgsCoordinateReferenceSystem("EPSG:3857")
    to = QgsCoordinateTransform(QgsCoordinateReferenceSystem("EPSG:4326"), mercator, QgsProject.instance())
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(mercator)
    settings.setOutputSize(QSize(900, 700))
    settings.setExtent(to.transformBoundingBox(QgsRectangle(*job["box"])))
    drawing = QgsMapRendererParallelJob(settings)
    drawing.start()
    drawing.waitForFinished()
    image = drawing.renderedImage()
    image.save(job["file"])
    colors = {}
    for x in range(image.width()):
        for y in range(image.height()):
            name = image.pixelColor(x, y).name()
            colors[name] = colors.get(name, 0) + 1
    labels = [style.labelSettings().fieldName for style in layer.labeling().styles()]
    return {"errors": [error.message for error in drawing.errors()], "colors": colors, "labels": labels}


def main():
    job = json.load(sys.stdin)
    if job["do"] == "version":
        print(json.dumps(Qgis.QGIS_VERSION))
        return
    application = QgsApplication([], False, job["profile"])
    application.initQgis()
    answer = {"connection": connection, "features": features, "picture": picture}[job["do"]](job)
    print(json.dumps(answer, ensure_ascii=False))
    application.exitQgis()


main()
