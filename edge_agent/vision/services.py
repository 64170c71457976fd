"""What the cameras of a node are given to work with. No heavy import until a camera runs."""

from contracts.reasons import reason
from edge_agent.vision.camera import CameraServices, Crossed, FacePipeline, PeopleCounter
from edge_agent.vision.config import CameraConfig, PeopleConfig
from edge_agent.vision.ports import CameraHub, FaceEngine, ProbeSink


def without_faces() -> CameraServices:
    """For a node whose cameras only count people."""
    return CameraServices(hub=CameraHub(), people_counter=people_counter)


def for_faces(hub: CameraHub, sink: ProbeSink) -> CameraServices:
    """The engine is put in once it has passed its check."""
    return CameraServices(
        hub=hub,
        sink=sink,
        face_pipeline=face_pipeline,
        people_counter=people_counter,
        no_engine=reason("faces_starting"),
    )


def face_pipeline(config: CameraConfig, engine: FaceEngine, sink: ProbeSink) -> FacePipeline:
    from edge_agent.vision.faces import pipeline
    from edge_agent.vision.faces.quality import QualitySettings

    settings = pipeline.PipelineSettings(quality=QualitySettings(size_least=float(config.min_face)))
    return pipeline.FacePipeline(config.id, engine, sink, settings)


def people_counter(config: PeopleConfig, crossed: Crossed) -> PeopleCounter:
    from edge_agent.vision.people import counter

    return counter.PeopleCounter(config, crossed)
