const words = (names: string): readonly string[] => names.trim().split(/\s+/);

/**
 * Options of Glance and its libraries that are read past without a word and have no effect: their features are not here, or need no option here.
 * `*` stands for any name in a section.
 */
export const KNOWN_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  DEFAULT: words(`
    admin_password admin_tenant_name admin_user allow_additional_image_properties allowed_rpc_exception_modules
    args auth_region auth_strategy auth_url cache_prefetcher_interval capture_region clean_scrubber_data cleanup_scrubber cleanup_scrubber_time
    conn_pool_min_size conn_pool_ttl control_exchange daemon data_api default_publisher_id digest_algorithm
    disabled_notifications enable_v1_registry enable_v2_registry enabled_import_methods enforce_secure_rbac
    executor_thread_pool_size fatal_deprecations image_cache_sqlite_db instance_format instance_uuid_format known_stores
    location_strategy lock_path log_color log_rotate_interval log_rotate_interval_type logging_debug_format_suffix
    logging_user_identity_format metadata_source_path notification_driver notifier_strategy
    publish_errors pydev_worker_debug_host pydev_worker_debug_port pipe_handle qpid_hostname qpid_port
    rabbit_host rabbit_notification_exchange rabbit_notification_topic rabbit_password rabbit_port rabbit_use_ssl rabbit_userid rabbit_virtual_host
    rate_limit_burst rate_limit_except_level rate_limit_interval registry_client_ca_file registry_client_cert_file registry_client_insecure
    registry_client_key_file registry_client_protocol registry_client_timeout registry_host registry_port restore restrict_copy
    rpc_conn_pool_size rpc_ping_enabled rpc_response_timeout s3_store_object_buffer_dir
    scrub_pool_size scrubber_datadir send_identity_credentials send_identity_headers
    swift_enable_snet transport_url use_journal use_json use_eventlog use_keystone_limits use_user_token wakeup_time watch_log_file
    worker_self_reference_url rbd_store_ceph_conf rbd_store_chunk_size rbd_store_pool rbd_store_user`),
  database: words(`
    backend connection_debug connection_parameters connection_trace db_inc_retry_interval db_max_retries db_max_retry_interval
    db_retry_interval max_overflow max_retries min_pool_size mysql_enable_ndb mysql_sql_mode mysql_wsrep_sync_wait pool_timeout retry_interval
    slave_connection sqlite_db sqlite_synchronous use_db_reconnect use_tpool asyncio_connection asyncio_slave_connection synchronous_reader`),
  glance_store: words(`
    cinder_api_insecure cinder_ca_certificates_file cinder_catalog_info cinder_do_extend_attached cinder_encryption_supported
    cinder_endpoint_template cinder_enforce_multipath cinder_http_retries cinder_mount_point_base cinder_os_region_name cinder_state_transition_timeout
    cinder_store_auth_address cinder_store_password cinder_store_project_domain_name cinder_store_project_name cinder_store_user_domain_name
    cinder_store_user_name cinder_use_multipath cinder_volume_type rados_connect_timeout rbd_store_ceph_conf
    rbd_store_chunk_size rbd_store_pool rbd_store_user rbd_thin_provisioning rootwrap_config sheepdog_store_address sheepdog_store_chunk_size sheepdog_store_port
    store_capabilities_update_min_interval swift_store_use_trusts vmware_api_retry_count vmware_ca_file vmware_datastores vmware_insecure vmware_server_host vmware_server_password
    vmware_server_username vmware_store_image_dir vmware_task_poll_interval`),
  oslo_policy: words(`
    enforce_scope remote_content_type remote_ssl_ca_crt_file remote_ssl_client_crt_file remote_ssl_client_key_file
    remote_ssl_verify_server_crt remote_timeout`),
  barbican: ['*'],
  barbican_service_user: ['*'],
  cinder: ['*'],
  'glance.store.http.store': ['*'],
  'glance.store.rbd.store': ['*'],
  'glance.store.s3.store': ['*'],
  'glance.store.swift.store': ['*'],
  'glance.store.vmware_datastore.store': ['*'],
  'glance.store.cinder.store': ['*'],
  glance_download_properties: ['*'],
  healthcheck: ['*'],
  image_conversion: ['*'],
  image_import_opts: ['*'],
  inject_metadata_properties: ['*'],
  key_manager: ['*'],
  keystone_authtoken: words(`
    auth_admin_prefix auth_host auth_port auth_protocol cache default_domain_id default_domain_name memcache_pool_conn_get_timeout
    memcache_pool_dead_retry memcache_pool_maxsize memcache_pool_socket_timeout memcache_pool_unused_timeout memcache_secret_key
    memcache_security_strategy memcache_tls_enabled memcache_use_advanced_pool service_type signing_dir hash_algorithms revocation_cache_time
    check_revocations_for_cached auth_section split_loggers collect_timing`),
  matchmaker_redis: ['*'],
  os_brick: ['*'],
  oslo_concurrency: ['*'],
  oslo_limit: ['*'],
  oslo_messaging_amqp: ['*'],
  oslo_messaging_kafka: ['*'],
  oslo_messaging_metrics: ['*'],
  oslo_messaging_notifications: ['*'],
  oslo_messaging_rabbit: ['*'],
  oslo_messaging_zmq: ['*'],
  oslo_middleware: ['*'],
  oslo_reports: ['*'],
  privsep: ['*'],
  privsep_osbrick: ['*'],
  profiler: ['*'],
  store_type_location_strategy: ['*'],
  task: ['*'],
  taskflow_executor: ['*'],
  vault: ['*'],
  wsgi: ['*'],
  os_glance_staging_store: ['*'],
  os_glance_tasks_store: ['*'],
};
