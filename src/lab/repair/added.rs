//! The keys that others add to links. Knows names, no link.

/// Keys that advertisers, mailers, shops and search engines add, as browsers and link cleaners list them, and those of
/// course systems; in small letters.
const ADDED: &str = "__hsfp __hssc __hstc __s __tn__ __twitter_impression _branch_match_id _bta_c _bta_tid _ga _gac _gid \
    _gl _hsenc _hsmi _ke _kx _openstat action_object_map action_ref_map action_type_map algo_expid algo_pvid awesm \
    campaign_id campaignid cjdata cjevent click_id clickid cmpid cvid dclid dicbo dm_i echobox ef_id elqtrack elqtrackid \
    epik erid fbadid fbclid feature gad_source gbraid gcl_au gclid gclsrc gs_l guccounter guce_referrer guce_referrer_sig \
    hsctatracking hubspotutk icid ictx igsh igshid inf_contact_key irclickid irgwc itscg itsct kenshoo_clickid li_fat_id \
    mbid mibextid mkcid mkevt mkrid mkt_tok mkwid ml_subscriber ml_subscriber_hash msclkid ncid nr_email_referer \
    ns_campaign ns_linkname ns_mchannel ns_source originalreferer os_ehash pcrid pin_unauth pk_vid rb_clickid rdid rdt_cid \
    recruiter redirect_log_mongo_id redirect_mongo_id ref ref_ ref_src ref_url referer referrer refsrc reserved s_cid \
    s_kwcid sa sb_referer_host sc_cid sccid scm sdata sfnsn share_id share_medium share_source si source \
    spm spref srsltid tblci tracking_source trk trkcampaign trkinfo ttclid twclid usg ust ved vero_conv vero_id wbraid \
    wickedid wickedsource wtrid xtor yclid ymclid ysclid zanpid \
    authuser awc from isappinstalled nb_klid nsukey openexternalbrowser pli raneaid ranmid ransiteid rdt usp vgo_ee \
    wechat_redirect wxshare_count \
    content_id context_id course_id d2lsessionval forceview inpopup launch_presentation_return_url module_item_id \
    deployment_id fromclassroom launch_id notifyeditingon ou redirect ref_id resource_link_id sesskey \
    _bhlid bbeml ck_subscriber_id et_cid et_rid openinapp";

/// What families of such keys begin with.
const FAMILIES: &str = "utm_ mtm_ pk_ piwik_ matomo_ hsa_ mc_ oly_ oft_ vero_ fb_ ga_ gad_ at_ itm_ stm_ otm_ wt_ wt. \
    trk_ vn_ hmb_ bsft_ _x_tr_ pd_rd_ pf_rd_ cm_mmc lti_ cf_chl_ __cf_chl_ _cf_chl_ sfmc_";

/// Whether a key, in small letters, is one that is added on the way.
pub(super) fn is_added(key: &str) -> bool {
    let family = |family| key.starts_with(family);
    ADDED.split(' ').any(|added| added == key) || FAMILIES.split(' ').any(family)
}
